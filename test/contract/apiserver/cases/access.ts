import {
  aConfigMap,
  aRole,
  aWidget,
  canaries,
  clusterRoles,
  configMaps,
  namespaces,
  roleBindings,
  roles,
  secrets,
  widgets,
} from '../builders.ts'
import { wrong } from '../causes.ts'
import {
  apply,
  asLimited,
  type Chapter,
  get,
  invalid,
  made,
  mergePatch,
  ok,
  post,
  put,
  refused,
  remove,
  type Step,
  watch,
} from '../contract-case.ts'

const limited = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'serin-limited' }
const reviews = '/apis/authorization.k8s.io/v1'

const aBinding = (role: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name: role },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
  subjects: [limited],
})

/** The limited user may from now on do this in the namespace of the case. */
const allowed = (...rules: readonly Readonly<Record<string, unknown>>[]): readonly Step[] => [
  [post(roles, aRole('may', rules)), made()],
  [post(roleBindings, aBinding('may')), made()],
]

/** The words of a refusal in the namespace of the case, or wherever else it was asked. */
const denied = (verb: string, resource: string, { group = '', where = 'in the namespace "{{ns}}"' } = {}): string =>
  `User "serin-limited" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`

const everywhere = 'at the cluster scope'

const asksFor = (attributes: object) => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SelfSubjectAccessReview',
  spec: { resourceAttributes: attributes },
})

/** Who may do what, and in which words it is refused. */
export const access: Chapter = {
  about: 'access',
  needs: 'limited user',
  cases: [
    {
      name: 'who nobody knows is turned away',
      steps: [
        [get(configMaps, { as: 'nobody' }), { code: 403 }],
        [{ ...get(configMaps), as: 'stranger' }, refused('401 Unauthorized', 'Unauthorized')],
      ],
    },
    {
      name: 'reading one object is refused by its name',
      steps: [
        [
          asLimited(get(`${configMaps}/a`)),
          refused('403 Forbidden', `configmaps "a" is forbidden: ${denied('get', 'configmaps')}`, { name: 'a', kind: 'configmaps' }),
        ],
      ],
    },
    {
      name: 'every verb is refused in its own words',
      steps: [
        [asLimited(get(configMaps)), refused('403 Forbidden', `configmaps is forbidden: ${denied('list', 'configmaps')}`)],
        [asLimited(watch(configMaps, 1)), refused('403 Forbidden', `configmaps is forbidden: ${denied('watch', 'configmaps')}`)],
        [
          asLimited(post(configMaps, aConfigMap('a'))),
          refused('403 Forbidden', `configmaps is forbidden: ${denied('create', 'configmaps')}`),
        ],
        [
          asLimited(put(`${configMaps}/a`, aConfigMap('a'))),
          refused('403 Forbidden', `configmaps "a" is forbidden: ${denied('update', 'configmaps')}`),
        ],
        [
          asLimited(mergePatch(`${configMaps}/a`, {})),
          refused('403 Forbidden', `configmaps "a" is forbidden: ${denied('patch', 'configmaps')}`),
        ],
        [asLimited(remove(`${configMaps}/a`)), refused('403 Forbidden', `configmaps "a" is forbidden: ${denied('delete', 'configmaps')}`)],
        [asLimited(remove(configMaps)), refused('403 Forbidden', `configmaps is forbidden: ${denied('deletecollection', 'configmaps')}`)],
      ],
    },
    {
      name: 'what is refused names its group and its place',
      steps: [
        [
          asLimited(get(canaries)),
          refused('403 Forbidden', `canaries.flagger.app is forbidden: ${denied('list', 'canaries', { group: 'flagger.app' })}`),
        ],
        [
          asLimited(get('/apis/flagger.app/v1beta1/canaries')),
          refused(
            '403 Forbidden',
            `canaries.flagger.app is forbidden: ${denied('list', 'canaries', { group: 'flagger.app', where: everywhere })}`,
          ),
        ],
        [
          asLimited(get(clusterRoles)),
          refused(
            '403 Forbidden',
            `clusterroles.rbac.authorization.k8s.io is forbidden: ${denied('list', 'clusterroles', { group: 'rbac.authorization.k8s.io', where: everywhere })}`,
          ),
        ],
        [
          asLimited(get(`${widgets}/w/status`)),
          refused(
            '403 Forbidden',
            `widgets.contract.serin.test "w" is forbidden: ${denied('get', 'widgets/status', { group: 'contract.serin.test' })}`,
          ),
        ],
        [asLimited(get('/metrics')), refused('403 Forbidden', 'forbidden: User "serin-limited" cannot get path "/metrics"')],
      ],
    },
    {
      name: 'a Role allows what it names, and no more',
      steps: [
        ...allowed({ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'create'] }),
        [asLimited(post(configMaps, aConfigMap('a'))), made(), { eventually: true }],
        [asLimited(get(`${configMaps}/a`)), ok()],
        [asLimited(remove(`${configMaps}/a`)), refused('403 Forbidden', `configmaps "a" is forbidden: ${denied('delete', 'configmaps')}`)],
        [
          asLimited(get('/api/v1/namespaces/default/configmaps/a')),
          refused('403 Forbidden', `configmaps "a" is forbidden: ${denied('get', 'configmaps', { where: 'in the namespace "default"' })}`),
        ],
      ],
    },
    {
      name: 'a Role can be of one object',
      steps: [
        ...allowed({ apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'], verbs: ['get'] }),
        [asLimited(get(`${secrets}/mine`)), { code: 404 }, { eventually: true }],
        [asLimited(get(`${secrets}/yours`)), refused('403 Forbidden', `secrets "yours" is forbidden: ${denied('get', 'secrets')}`)],
      ],
    },
    {
      name: 'a Role of one object covers lists that ask for that one by name',
      steps: [
        ...allowed({ apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'], verbs: ['list'] }),
        [asLimited(get(`${secrets}?fieldSelector=metadata.name%3Dmine`)), ok({ items: [] }), { eventually: true }],
        [asLimited(get(`${secrets}?fieldSelector=metadata.name%3Dyours`)), { code: 403 }],
        [asLimited(get(secrets)), { code: 403 }],
      ],
    },
    {
      name: 'the status is another resource than the object',
      steps: [
        [post(widgets, aWidget('w')), made()],
        ...allowed({ apiGroups: ['contract.serin.test'], resources: ['widgets/status'], verbs: ['patch'] }),
        [asLimited(mergePatch(`${widgets}/w/status`, { status: { phase: 'Good' } })), ok(), { eventually: true }],
        [asLimited(mergePatch(`${widgets}/w`, { spec: { size: 5 } })), { code: 403 }],
      ],
    },
    {
      name: 'who may only patch does not create by applying',
      steps: [
        ...allowed({ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }),
        [asLimited(mergePatch(`${configMaps}/a`, {})), { code: 404 }, { eventually: true }],
        [
          asLimited(apply(`${configMaps}/a`, 'fieldManager=limited', aConfigMap('a'))),
          refused('403 Forbidden', `configmaps "a" is forbidden: ${denied('create', 'configmaps')}`),
        ],
        [post(configMaps, aConfigMap('a')), made()],
        [asLimited(apply(`${configMaps}/a`, 'fieldManager=limited', aConfigMap('a', { x: '1' }))), ok({ data: { x: '1' } })],
      ],
    },
    {
      name: 'nobody grants what they may not do',
      steps: [
        ...allowed({ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['create'] }),
        [
          asLimited(post(`${roles}?dryRun=All`, aRole('more', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]))),
          refused(
            '403 Forbidden',
            'roles.rbac.authorization.k8s.io "more" is forbidden: user "serin-limited" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
          ),
          { eventually: true },
        ],
      ],
    },
    {
      name: 'a RoleBinding keeps its role',
      steps: [
        ...allowed({ apiGroups: [''], resources: ['pods'], verbs: ['get'] }),
        [
          mergePatch(`${roleBindings}/may`, { roleRef: { name: 'other' } }),
          invalid('RoleBinding.rbac.authorization.k8s.io "may"', [
            'FieldValueInvalid',
            'roleRef',
            'Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: cannot change roleRef',
          ]),
        ],
      ],
    },
    {
      name: 'anybody may ask what they may do',
      steps: [
        ...allowed({ apiGroups: [''], resources: ['pods'], verbs: ['get'] }),
        [
          asLimited(post(`${reviews}/selfsubjectaccessreviews`, asksFor({ verb: 'get', resource: 'pods', namespace: '{{ns}}' }))),
          made({ status: { allowed: true, reason: 'RBAC: allowed by RoleBinding "may/{{ns}}" of Role "may" to User "serin-limited"' } }),
          { eventually: true },
        ],
        [
          asLimited(post(`${reviews}/selfsubjectaccessreviews`, asksFor({ verb: 'delete', resource: 'pods', namespace: '{{ns}}' }))),
          made({ status: { allowed: false } }),
        ],
        [
          post(`${reviews}/selfsubjectaccessreviews`, asksFor({ verb: 'delete', resource: 'pods', namespace: '{{ns}}' })),
          made({ kind: 'SelfSubjectAccessReview', status: { allowed: true } }),
        ],
      ],
    },
    {
      name: 'anybody may ask for all their rules',
      steps: [
        ...allowed({ apiGroups: [''], resources: ['pods'], verbs: ['get'] }),
        [
          asLimited(
            post(`${reviews}/selfsubjectrulesreviews`, {
              apiVersion: 'authorization.k8s.io/v1',
              kind: 'SelfSubjectRulesReview',
              spec: { namespace: '{{ns}}' },
            }),
          ),
          made({ status: { incomplete: false } }),
        ],
      ],
    },
    {
      name: 'the administrator may ask about others',
      steps: [
        [
          post(`${reviews}/subjectaccessreviews`, {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SubjectAccessReview',
            spec: { user: 'serin-limited', resourceAttributes: { verb: 'get', resource: 'pods', namespace: '{{ns}}' } },
          }),
          made({ status: { allowed: false } }),
        ],
      ],
    },
    {
      name: 'a review asks one thing',
      steps: [
        [
          post(`${reviews}/selfsubjectaccessreviews`, { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: {} }),
          invalid(
            '.authorization.k8s.io ""',
            wrong('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'),
          ),
        ],
      ],
    },
    {
      name: 'a namespace of their own is no right to list all',
      steps: [
        [
          asLimited(get(namespaces)),
          refused('403 Forbidden', `namespaces is forbidden: ${denied('list', 'namespaces', { where: everywhere })}`),
        ],
        [
          asLimited(get(`${namespaces}/{{ns}}`)),
          refused('403 Forbidden', `namespaces "{{ns}}" is forbidden: ${denied('get', 'namespaces')}`),
        ],
      ],
    },
  ],
}
