import { aConfigMap, aSecret, aWidget, configMaps, namespaces, pods, secrets, services, widgets } from '../builders.ts'
import { prohibited } from '../causes.ts'
import { type Chapter, get, invalid, made, ok, post, refused, type Step, strategicPatch } from '../contract-case.ts'

/** Five Secrets `s1` to `s5`; the odd ones have the label `odd`. Nothing but the case itself makes Secrets. */
const fiveSecrets: readonly Step[] = [1, 2, 3, 4, 5].map(n => [
  post(secrets, { ...aSecret(`s${n}`), metadata: { name: `s${n}`, labels: { n: String(n), ...(n % 2 === 1 ? { odd: 'yes' } : {}) } } }),
  made(),
])

const named = (...names: readonly string[]) => ({ items: names.map(name => ({ metadata: { name } })) })

const selecting = (name: string, selector: string, ...names: readonly string[]) => ({
  name,
  steps: [...fiveSecrets, [get(`${secrets}?labelSelector=${encodeURIComponent(selector)}`), ok(named(...names))] as const],
})

/** Lists: selectors, pages, versions. */
export const lists: Chapter = {
  about: 'lists',
  cases: [
    {
      name: 'a list is in the order of names',
      steps: [
        [post(secrets, aSecret('b')), made()],
        [post(secrets, aSecret('a')), made()],
        [get(secrets), ok({ kind: 'SecretList', apiVersion: 'v1', metadata: { resourceVersion: '{{any}}' }, ...named('a', 'b') })],
      ],
    },
    {
      name: 'items of typed kinds do not say their kind',
      steps: [
        [post(secrets, aSecret('a')), made()],
        [get(secrets), ok({}, { absent: ['/items/0/kind', '/items/0/apiVersion'] })],
      ],
    },
    {
      name: 'items of defined kinds say their kind',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          get(widgets),
          ok({
            kind: 'WidgetList',
            apiVersion: 'contract.serin.test/v1',
            items: [{ kind: 'Widget', apiVersion: 'contract.serin.test/v1' }],
          }),
        ],
      ],
    },
    {
      name: 'a list of a typed kind says nothing of what follows when nothing does, one of a defined kind says so',
      steps: [
        [get(secrets), ok({}, { absent: ['/metadata/continue'] })],
        [get(widgets), ok({ metadata: { continue: '' } })],
      ],
    },
    { name: 'an empty list has no items', steps: [[get(services), ok({ kind: 'ServiceList' }, { whole: { '/items': [] } })]] },
    {
      name: 'a list of all namespaces holds that of each',
      steps: [...fiveSecrets, [get('/api/v1/secrets?fieldSelector=metadata.namespace%3D{{ns}}'), ok(named('s1', 's2', 's3', 's4', 's5'))]],
    },
    selecting('a label is selected by its value', 'odd=yes,n!=3', 's1', 's5'),
    selecting('a label is selected by double equals', 'n==2', 's2'),
    selecting('a label is selected by a set', 'n in (1, 2,9)', 's1', 's2'),
    selecting('a label is left out by a set, which takes those without it', 'odd notin (yes)', 's2', 's4'),
    selecting('a label is selected by being there', 'odd', 's1', 's3', 's5'),
    selecting('a label is selected by not being there', '!odd', 's2', 's4'),
    selecting('a label is selected as a number', 'n>3', 's4', 's5'),
    {
      name: 'a label selector that is none is refused',
      steps: [
        [
          get(`${secrets}?labelSelector=a%20b`),
          refused('400 BadRequest', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ],
        [get(`${secrets}?labelSelector=a%20in`), refused('400 BadRequest', "unable to parse requirement: found '' expected: '('")],
        [get(`${secrets}?labelSelector=a%3Db%20c`), refused('400 BadRequest', "found 'c', expected: ',' or 'end of string'")],
      ],
    },
    {
      name: 'objects are selected by name',
      steps: [
        ...fiveSecrets,
        [get(`${secrets}?fieldSelector=metadata.name%3Ds2`), ok(named('s2'))],
        [get(`${secrets}?fieldSelector=metadata.name!%3Ds2`), ok(named('s1', 's3', 's4', 's5'))],
      ],
    },
    {
      name: 'a field that cannot be selected by is refused',
      steps: [
        [
          get(`${configMaps}?fieldSelector=data.x%3D1`),
          refused('400 BadRequest', '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"'),
        ],
        [get(`${pods}?fieldSelector=spec.nope%3D1`), refused('400 BadRequest', 'field label not supported: spec.nope')],
        [get(`${widgets}?fieldSelector=spec.size%3D1`), refused('400 BadRequest', 'field label not supported: spec.size')],
        [get(`${secrets}?fieldSelector=nonsense`), refused('400 BadRequest', "invalid selector: 'nonsense'; can't understand 'nonsense'")],
      ],
    },
    {
      name: 'Secrets are selected by type',
      steps: [
        [post(secrets, aSecret('a')), made({ type: 'Opaque' })],
        [post(secrets, aSecret('b', { type: 'contract.serin.test/x' })), made()],
        [get(`${secrets}?fieldSelector=type%3DOpaque`), ok(named('a'))],
      ],
    },
    {
      name: 'pages follow each other and show one version of the world',
      steps: [
        ...fiveSecrets,
        [
          get(`${secrets}?limit=2`),
          ok({ metadata: { remainingItemCount: 3, continue: '{{any}}' }, ...named('s1', 's2') }),
          { keep: { next: '/metadata/continue', rv: '/metadata/resourceVersion' } },
        ],
        [post(secrets, aSecret('s3a')), made()],
        [strategicPatch(`${secrets}/s4`, { metadata: { labels: { n: 'later' } } }), ok()],
        [
          get(`${secrets}?limit=2&continue={{next}}`),
          ok({
            metadata: { remainingItemCount: 1, resourceVersion: '{{rv}}' },
            items: [{ metadata: { name: 's3' } }, { metadata: { name: 's4', labels: { n: '4' } } }],
          }),
          { keep: { next: '/metadata/continue' } },
        ],
        [
          get(`${secrets}?limit=2&continue={{next}}`),
          ok({ metadata: { resourceVersion: '{{rv}}' }, ...named('s5') }, { absent: ['/metadata/remainingItemCount'] }),
        ],
      ],
    },
    {
      name: 'a page of a selection does not count what is left',
      steps: [
        ...fiveSecrets,
        [
          get(`${secrets}?limit=2&labelSelector=odd`),
          ok({ metadata: { continue: '{{any}}' }, ...named('s1', 's3') }, { absent: ['/metadata/remainingItemCount'] }),
          { keep: { next: '/metadata/continue' } },
        ],
        [get(`${secrets}?limit=2&labelSelector=odd&continue={{next}}`), ok(named('s5'))],
      ],
    },
    {
      name: 'a page as large as the list is the last',
      steps: [
        ...fiveSecrets,
        [get(`${secrets}?limit=5`), ok(named('s1', 's2', 's3', 's4', 's5'), { absent: ['/metadata/remainingItemCount'] })],
      ],
    },
    {
      name: 'a continue token that is none is refused',
      steps: [
        [
          get(`${secrets}?continue=xx&limit=1`),
          refused(
            '400 BadRequest',
            "invalid continue token: continue key is not valid: invalid character 'Ç' looking for beginning of value",
          ),
        ],
      ],
    },
    {
      name: 'a continue token goes with no other version',
      steps: [
        ...fiveSecrets,
        [get(`${secrets}?limit=2`), ok(), { keep: { next: '/metadata/continue', rv: '/metadata/resourceVersion' } }],
        [
          get(`${secrets}?limit=2&continue={{next}}&resourceVersion={{rv}}`),
          refused('400 BadRequest', 'specifying resource version is not allowed when using continue'),
        ],
      ],
    },
    {
      name: 'a list of an exact version shows what was',
      steps: [
        [post(secrets, aSecret('a')), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [post(secrets, aSecret('b')), made()],
        [
          get(`${secrets}?resourceVersion={{rv}}&resourceVersionMatch=Exact`),
          ok({ metadata: { resourceVersion: '{{rv}}' }, ...named('a') }),
        ],
        [get(`${secrets}?resourceVersion={{rv}}&resourceVersionMatch=NotOlderThan`), ok(named('a', 'b'))],
        [get(`${secrets}?resourceVersion={{rv}}`), ok(named('a', 'b'))],
        [get(`${secrets}?resourceVersion=0`), ok({ kind: 'SecretList' })],
      ],
    },
    {
      name: 'a version match needs a version',
      steps: [
        [
          get(`${secrets}?resourceVersionMatch=Exact`),
          invalid(
            'ListOptions.meta.k8s.io ""',
            prohibited('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
          ),
        ],
        [
          get(`${secrets}?resourceVersion=0&resourceVersionMatch=Exact`),
          invalid(
            'ListOptions.meta.k8s.io ""',
            prohibited('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
          ),
        ],
        [
          get(`${secrets}?resourceVersion=5&resourceVersionMatch=Perhaps`),
          invalid('ListOptions.meta.k8s.io ""', [
            'FieldValueNotSupported',
            'resourceVersionMatch',
            'Unsupported value: "Perhaps": supported values: "Exact", "NotOlderThan", ""',
          ]),
        ],
      ],
    },
    {
      name: 'a version of the future is not waited for long',
      steps: [
        [
          get(`${secrets}?resourceVersion=999999999999&resourceVersionMatch=Exact`),
          refused('504 Timeout', 'Timeout: Too large resource version: 999999999999, current: {{any}}', {
            causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          }),
        ],
      ],
    },
    {
      name: 'a version that is no number is refused',
      steps: [
        [
          get(`${secrets}?resourceVersion=abc`),
          refused(
            '400 BadRequest',
            'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
          ),
        ],
      ],
    },
    {
      name: 'a limit is a number',
      steps: [[get(`${secrets}?limit=x`), refused('400 BadRequest', 'strconv.ParseInt: parsing "x": invalid syntax')]],
    },
    {
      name: 'one object by a version',
      steps: [
        [post(configMaps, aConfigMap('a')), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [get(`${configMaps}/a?resourceVersion={{rv}}`), ok()],
        [get(`${configMaps}/a?resourceVersion=0`), ok({}), { eventually: true }],
      ],
    },
    {
      name: 'namespaces are listed with the phase they are in',
      steps: [
        [
          get(`${namespaces}/{{ns}}`),
          ok({
            status: { phase: 'Active' },
            spec: { finalizers: ['kubernetes'] },
            metadata: { labels: { 'kubernetes.io/metadata.name': '{{ns}}' } },
          }),
        ],
      ],
    },
  ],
}
