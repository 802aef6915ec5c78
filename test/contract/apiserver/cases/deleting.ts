import {
  aConfigMap,
  anOwner,
  aPod,
  aRevision,
  aWidget,
  configMaps,
  controllerRevisions,
  namespaces,
  pods,
  secrets,
  widgets,
} from '../builders.ts'
import { prohibited, wrong } from '../causes.ts'
import { type Chapter, get, invalid, made, mergePatch, ok, post, refused, remove, type Step } from '../contract-case.ts'

const held = { finalizers: ['contract.serin.test/hold'] }
const ownedBy = (rest: object = {}) => anOwner('v1', 'ConfigMap', { name: 'owner', uid: '{{owner}}', ...rest })

const anOwnerExists: Step = [post(configMaps, aConfigMap('owner')), made(), { keep: { owner: '/metadata/uid' } }]
const gone = (name: string): Step => [get(`${configMaps}/${name}`), { code: 404 }, { eventually: true }]

/** Deleting, what must happen before, and what goes with it. */
export const deleting: Chapter = {
  about: 'deleting',
  cases: [
    {
      name: 'a deleted typed object is answered with success',
      steps: [
        [post(configMaps, aConfigMap('a')), made(), { keep: { uid: '/metadata/uid' } }],
        [remove(`${configMaps}/a`), ok({ kind: 'Status', status: 'Success', details: { name: 'a', kind: 'configmaps', uid: '{{uid}}' } })],
        [get(`${configMaps}/a`), refused('404 NotFound', 'configmaps "a" not found')],
        [remove(`${configMaps}/a`), refused('404 NotFound', 'configmaps "a" not found')],
      ],
    },
    {
      name: 'a deleted object of a defined kind is answered with success',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          remove(`${widgets}/w`),
          ok({ kind: 'Status', status: 'Success', details: { name: 'w', group: 'contract.serin.test', kind: 'widgets' } }),
        ],
      ],
    },
    {
      name: 'another uid than asked for is kept',
      steps: [
        [post(configMaps, aConfigMap('a')), made(), { keep: { uid: '/metadata/uid' } }],
        [
          remove(`${configMaps}/a`, { preconditions: { uid: 'other' } }),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in record ({{uid}}). The object might have been deleted and then recreated',
          ),
        ],
        [remove(`${configMaps}/a`, { preconditions: { uid: '{{uid}}' } }), ok()],
      ],
    },
    {
      name: 'another version than asked for is kept',
      steps: [
        [post(configMaps, aConfigMap('a')), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [
          remove(`${configMaps}/a`, { preconditions: { resourceVersion: '1' } }),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record ({{rv}}). The object might have been modified',
          ),
        ],
      ],
    },
    {
      name: 'an object with finalizers is marked, and goes with the last of them',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' }, { finalizers: ['contract.serin.test/a', 'contract.serin.test/b'] })), made()],
        [
          remove(`${configMaps}/a`),
          ok({ kind: 'ConfigMap', metadata: { deletionTimestamp: '{{any}}', deletionGracePeriodSeconds: 0 } }),
          { keep: { marked: '/metadata/deletionTimestamp', rv: '/metadata/resourceVersion' } },
        ],
        [remove(`${configMaps}/a`), ok({ metadata: { deletionTimestamp: '{{marked}}', resourceVersion: '{{rv}}' } })],
        [mergePatch(`${configMaps}/a`, { metadata: { finalizers: ['contract.serin.test/b'] } }), ok()],
        [get(`${configMaps}/a`), ok()],
        [mergePatch(`${configMaps}/a`, { metadata: { finalizers: [] } }), ok({ kind: 'ConfigMap', data: { x: '1' } })],
        [get(`${configMaps}/a`), { code: 404 }],
      ],
    },
    {
      name: 'an object on its way out takes no new finalizer',
      steps: [
        [post(configMaps, aConfigMap('a', {}, held)), made()],
        [remove(`${configMaps}/a`), ok()],
        [
          mergePatch(`${configMaps}/a`, { metadata: { finalizers: ['contract.serin.test/hold', 'contract.serin.test/more'] } }),
          invalid(
            'ConfigMap "a"',
            prohibited(
              'metadata.finalizers',
              'no new finalizers can be added if the object is being deleted, found new finalizers []string{"contract.serin.test/more"}',
            ),
            prohibited(
              'metadata.finalizers',
              'no new finalizers can be added if the object is being deleted, found new finalizers []string{"contract.serin.test/more"}',
            ),
          ),
        ],
        [mergePatch(`${configMaps}/a`, { metadata: { finalizers: null } }), ok()],
      ],
    },
    {
      name: 'an object on its way out can still be changed',
      steps: [
        [post(widgets, aWidget('w', {}, held)), made({ metadata: { generation: 1 } })],
        [remove(`${widgets}/w`), ok({ metadata: { generation: 2 } })],
        [mergePatch(`${widgets}/w`, { spec: { size: 4 } }), ok({ spec: { size: 4 }, metadata: { generation: 3 } })],
        [mergePatch(`${widgets}/w/status`, { status: { phase: 'Going' } }), ok({ status: { phase: 'Going' } })],
        [mergePatch(`${widgets}/w`, { metadata: { finalizers: null } }), ok()],
      ],
    },
    {
      name: 'a finalizer has a domain',
      steps: [
        [
          post(configMaps, aConfigMap('a', {}, { finalizers: ['nonsense'] })),
          invalid(
            'ConfigMap "a"',
            wrong('metadata.finalizers[0]', 'nonsense', 'name is neither a standard finalizer name nor is it fully qualified'),
          ),
        ],
      ],
    },
    {
      name: 'a deletion in the foreground waits as a finalizer does',
      steps: [
        [post(configMaps, aConfigMap('a', {}, held)), made()],
        [
          remove(`${configMaps}/a`, { propagationPolicy: 'Foreground' }),
          ok({ metadata: { deletionTimestamp: '{{any}}', finalizers: ['contract.serin.test/hold', 'foregroundDeletion'] } }),
        ],
      ],
    },
    {
      name: 'a policy of deletion is one of three',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          remove(`${configMaps}/a`, { propagationPolicy: 'Perhaps' }),
          invalid('DeleteOptions.meta.k8s.io ""', [
            'FieldValueNotSupported',
            'propagationPolicy',
            'Unsupported value: "Perhaps": supported values: "Foreground", "Background", "Orphan", "nil"',
          ]),
        ],
      ],
    },
    {
      name: 'a whole selection is deleted at once',
      steps: [
        [post(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', labels: { x: '1' } } }), made()],
        [post(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b', labels: { x: '1' } } }), made()],
        [post(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'c' } }), made()],
        [
          remove(`${secrets}?labelSelector=x%3D1`),
          ok({ kind: 'SecretList', items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] }),
        ],
        [get(secrets), ok({ items: [{ metadata: { name: 'c' } }] })],
      ],
    },
    {
      name: 'a pod without a node goes at once',
      steps: [
        [post(pods, aPod('p', { schedulerName: 'nobody' })), made(), { eventually: true }],
        [remove(`${pods}/p`), ok({ kind: 'Pod', metadata: { name: 'p', deletionTimestamp: '{{any}}', deletionGracePeriodSeconds: 0 } })],
        [get(`${pods}/p`), { code: 404 }, { eventually: true }],
      ],
    },
    {
      name: 'a pod on a node gets its time to stop',
      steps: [
        [post(pods, aPod('p', { nodeName: 'nowhere-{{ns}}', terminationGracePeriodSeconds: 7 })), made(), { eventually: true }],
        [remove(`${pods}/p`), ok({ kind: 'Pod', metadata: { deletionTimestamp: '{{any}}', deletionGracePeriodSeconds: 7 } })],
        [remove(`${pods}/p`, { gracePeriodSeconds: 0 }), ok({ kind: 'Pod' })],
        [get(`${pods}/p`), { code: 404 }, { eventually: true }],
      ],
    },
    {
      name: 'what nobody owns any more goes behind its owner',
      needs: 'controllers',
      steps: [
        anOwnerExists,
        [post(configMaps, aConfigMap('dependent', {}, ownedBy())), made()],
        [remove(`${configMaps}/owner`, { propagationPolicy: 'Background' }), ok()],
        gone('dependent'),
      ],
    },
    {
      name: 'what has another owner stays',
      needs: 'controllers',
      steps: [
        anOwnerExists,
        [post(configMaps, aConfigMap('second')), made(), { keep: { second: '/metadata/uid' } }],
        [
          post(
            configMaps,
            aConfigMap(
              'dependent',
              {},
              {
                ownerReferences: [
                  { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: '{{owner}}' },
                  { apiVersion: 'v1', kind: 'ConfigMap', name: 'second', uid: '{{second}}' },
                ],
              },
            ),
          ),
          made(),
        ],
        [post(configMaps, aConfigMap('witness', {}, ownedBy())), made()],
        [remove(`${configMaps}/owner`, { propagationPolicy: 'Background' }), ok()],
        gone('witness'),
        [get(`${configMaps}/dependent`), ok()],
      ],
    },
    {
      name: 'an owner deleted in the foreground waits for those that block it',
      needs: 'controllers',
      steps: [
        anOwnerExists,
        [post(configMaps, aConfigMap('dependent', {}, { ...ownedBy({ blockOwnerDeletion: true }), ...held })), made()],
        [remove(`${configMaps}/owner`, { propagationPolicy: 'Foreground' }), ok({ metadata: { finalizers: ['foregroundDeletion'] } })],
        [get(`${configMaps}/dependent`), ok({ metadata: { deletionTimestamp: '{{any}}' } }), { eventually: true }],
        [get(`${configMaps}/owner`), ok({ metadata: { deletionTimestamp: '{{any}}' } })],
        [mergePatch(`${configMaps}/dependent`, { metadata: { finalizers: ['foregroundDeletion'] } }), {}],
        [mergePatch(`${configMaps}/dependent`, { metadata: { finalizers: null } }), {}],
        gone('dependent'),
        gone('owner'),
      ],
    },
    {
      name: 'orphans stay, and forget their owner',
      needs: 'controllers',
      steps: [
        anOwnerExists,
        [post(configMaps, aConfigMap('dependent', {}, ownedBy())), made()],
        [remove(`${configMaps}/owner`, { propagationPolicy: 'Orphan' }), ok()],
        gone('owner'),
        [get(`${configMaps}/dependent`), ok({}, { absent: ['/metadata/ownerReferences'] })],
      ],
    },
    {
      name: 'an owner stays as long as a revision cannot be orphaned, because its data is not in order',
      needs: 'controllers',
      steps: [
        anOwnerExists,
        [post(configMaps, aConfigMap('dependent', {}, ownedBy())), made()],
        [post(controllerRevisions, aRevision('unsorted', { b: 1, a: 2 }, ownedBy())), made()],
        [remove(`${configMaps}/owner`, { propagationPolicy: 'Orphan' }), ok()],
        [get(`${configMaps}/dependent`), ok({}, { absent: ['/metadata/ownerReferences'] }), { eventually: true }],
        [get(`${configMaps}/owner`), ok({ metadata: { finalizers: ['orphan'] } })],
        [remove(`${controllerRevisions}/unsorted`), ok()],
        gone('owner'),
      ],
    },
    {
      name: 'a revision whose data is in order is orphaned',
      needs: 'controllers',
      steps: [
        anOwnerExists,
        [post(controllerRevisions, aRevision('orderly', { a: 2, b: 1 }, ownedBy())), made()],
        [remove(`${configMaps}/owner`, { propagationPolicy: 'Orphan' }), ok()],
        gone('owner'),
        [get(`${controllerRevisions}/orderly`), ok({}, { absent: ['/metadata/ownerReferences'] })],
      ],
    },
    {
      name: 'a dependent of an owner that never was goes',
      needs: 'controllers',
      steps: [
        [
          post(
            configMaps,
            aConfigMap('dependent', {}, anOwner('v1', 'ConfigMap', { name: 'never', uid: '00000000-0000-4000-8000-000000000000' })),
          ),
          made(),
        ],
        gone('dependent'),
      ],
    },
    {
      name: 'a namespace goes with everything in it',
      needs: 'controllers',
      steps: [
        [post(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{{ns}}-2' } }), made({ status: { phase: 'Active' } })],
        [post('/api/v1/namespaces/{{ns}}-2/configmaps', aConfigMap('a', {}, held)), made()],
        [
          remove(`${namespaces}/{{ns}}-2`),
          ok({ kind: 'Namespace', metadata: { deletionTimestamp: '{{any}}' }, status: { phase: 'Terminating' } }),
        ],
        [get('/api/v1/namespaces/{{ns}}-2/configmaps/a'), ok({ metadata: { deletionTimestamp: '{{any}}' } }), { eventually: true }],
        [
          post('/api/v1/namespaces/{{ns}}-2/configmaps', aConfigMap('b')),
          refused(
            '403 Forbidden',
            'configmaps "b" is forbidden: unable to create new content in namespace {{ns}}-2 because it is being terminated',
            {
              name: 'b',
              kind: 'configmaps',
              causes: [{ reason: 'NamespaceTerminating', message: 'namespace {{ns}}-2 is being terminated', field: 'metadata.namespace' }],
            },
          ),
        ],
        [mergePatch('/api/v1/namespaces/{{ns}}-2/configmaps/a', { metadata: { finalizers: null } }), ok()],
        [get(`${namespaces}/{{ns}}-2`), { code: 404 }, { eventually: true }],
      ],
    },
  ],
}
