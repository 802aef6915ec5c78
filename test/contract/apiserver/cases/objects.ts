import { aConfigMap, aDeployment, aSecret, aService, configMaps, deployments, secrets, services } from '../builders.ts'
import { missing, prohibited, wrong } from '../causes.ts'
import { type Chapter, get, invalid, made, mergePatch, ok, post, put, refused } from '../contract-case.ts'

const staleWords = 'the object has been modified; please apply your changes to the latest version and try again'
const subdomainWords =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const labelValueWords =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const labelKeyWords =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

/** Creating, reading and replacing one object. */
export const objects: Chapter = {
  about: 'objects',
  cases: [
    {
      name: 'a created object has what the server decides about it',
      steps: [
        [
          post(configMaps, aConfigMap('a', { x: '1' })),
          made(
            {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              metadata: {
                name: 'a',
                namespace: '{{ns}}',
                uid: '{{any}}',
                resourceVersion: '{{any}}',
                creationTimestamp: '{{any}}Z',
                managedFields: [
                  {
                    manager: 'contract',
                    operation: 'Update',
                    apiVersion: 'v1',
                    time: '{{any}}',
                    fieldsType: 'FieldsV1',
                    fieldsV1: { 'f:data': { '.': {}, 'f:x': {} } },
                  },
                ],
              },
              data: { x: '1' },
            },
            {
              absent: ['/metadata/generation', '/metadata/selfLink', '/metadata/managedFields/0/subresource'],
              contentType: 'application/json',
            },
          ),
        ],
        [get(`${configMaps}/a`), ok({ kind: 'ConfigMap', data: { x: '1' } })],
      ],
    },
    {
      name: 'a name is taken once',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          post(configMaps, aConfigMap('a')),
          refused('409 AlreadyExists', 'configmaps "a" already exists', { name: 'a', kind: 'configmaps' }),
        ],
      ],
    },
    {
      name: 'a generated name begins as asked',
      steps: [
        [
          post(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'x-' } }),
          made({ metadata: { name: 'x-{{any}}', generateName: 'x-' } }),
        ],
      ],
    },
    {
      name: 'an object without a name is refused',
      steps: [
        [
          post(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }),
          invalid('ConfigMap ""', missing('metadata.name', 'name or generateName is required')),
        ],
      ],
    },
    {
      name: 'a name must be a host name',
      steps: [[post(configMaps, aConfigMap('Big_')), invalid('ConfigMap "Big_"', wrong('metadata.name', 'Big_', subdomainWords))]],
    },
    {
      name: 'the name of a Service may not contain dots',
      steps: [[post(services, aService('a.b')), invalid('Service "a.b"', wrong('metadata.name', 'a.b', 'must not contain dots'))]],
    },
    {
      name: 'what is not there is not found',
      steps: [
        [
          get(`${deployments}/nope`),
          refused('404 NotFound', 'deployments.apps "nope" not found', { name: 'nope', group: 'apps', kind: 'deployments' }),
        ],
        [
          put(`${configMaps}/nope`, aConfigMap('nope')),
          refused('404 NotFound', 'configmaps "nope" not found', { name: 'nope', kind: 'configmaps' }),
        ],
        [mergePatch(`${configMaps}/nope`, {}), refused('404 NotFound', 'configmaps "nope" not found')],
      ],
    },
    {
      name: 'a namespace that is not there takes nothing',
      steps: [
        [
          post('/api/v1/namespaces/{{ns}}-no/configmaps', aConfigMap('a')),
          refused('404 NotFound', 'namespaces "{{ns}}-no" not found', { name: '{{ns}}-no', kind: 'namespaces' }),
        ],
      ],
    },
    {
      name: 'an object says the namespace of its path or none',
      steps: [
        [
          post(configMaps, aConfigMap('a', {}, { namespace: 'other' })),
          refused('400 BadRequest', 'the namespace of the provided object does not match the namespace sent on the request'),
        ],
      ],
    },
    {
      name: 'a new object has no version',
      steps: [
        [
          post(configMaps, aConfigMap('a', {}, { resourceVersion: '5' })),
          refused('500', 'resourceVersion should not be set on objects to be created'),
        ],
      ],
    },
    {
      name: 'a body of another kind is refused',
      steps: [
        [
          post(deployments, aConfigMap('a')),
          refused(
            '400 BadRequest',
            'ConfigMap in version "v1" cannot be handled as a Deployment: converting (v1.ConfigMap) to (apps.Deployment): unknown conversion',
          ),
        ],
      ],
    },
    {
      name: 'a typed kind may leave out what it is',
      steps: [[post(configMaps, { metadata: { name: 'a' } }), made({ kind: 'ConfigMap', apiVersion: 'v1' })]],
    },
    {
      name: 'a replacement counts from the version that was read',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made(), { keep: { first: '/metadata/resourceVersion', uid: '/metadata/uid' } }],
        [
          put(`${configMaps}/a`, aConfigMap('a', { x: '2' }, { resourceVersion: '{{first}}' })),
          ok({ metadata: { uid: '{{uid}}' }, data: { x: '2' } }),
        ],
        [
          put(`${configMaps}/a`, aConfigMap('a', { x: '3' }, { resourceVersion: '{{first}}' })),
          refused('409 Conflict', `Operation cannot be fulfilled on configmaps "a": ${staleWords}`, { name: 'a', kind: 'configmaps' }),
        ],
        [get(`${configMaps}/a`), ok({ data: { x: '2' } })],
      ],
    },
    {
      name: 'a replacement without a version takes the place of any',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made()],
        [put(`${configMaps}/a`, aConfigMap('a', { y: '2' })), ok({}, { whole: { '/data': { y: '2' } } })],
      ],
    },
    {
      name: 'a replacement of another object than the one that is there is a conflict',
      steps: [
        [post(configMaps, aConfigMap('a')), made(), { keep: { uid: '/metadata/uid' } }],
        [
          put(`${configMaps}/a`, aConfigMap('a', {}, { uid: 'other' })),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: /registry/configmaps/{{ns}}/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: other, UID in object meta: {{uid}}',
          ),
        ],
      ],
    },
    {
      name: 'a replacement has the name of its path',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          put(`${configMaps}/a`, aConfigMap('b')),
          refused('400 BadRequest', 'the name of the object (b) does not match the name on the URL (a)'),
        ],
      ],
    },
    {
      name: 'a write that changes nothing makes no new version',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [put(`${configMaps}/a`, aConfigMap('a', { x: '1' })), ok({ metadata: { resourceVersion: '{{rv}}' } })],
        [mergePatch(`${configMaps}/a`, { data: { x: '1' } }), ok({ metadata: { resourceVersion: '{{rv}}' } })],
        [mergePatch(`${configMaps}/a`, {}), ok({ metadata: { resourceVersion: '{{rv}}' } })],
      ],
    },
    {
      name: 'what the server decides stays as it is, whatever a replacement says',
      steps: [
        [post(deployments, aDeployment('web')), made(), { keep: { uid: '/metadata/uid', created: '/metadata/creationTimestamp' } }],
        [
          put(`${deployments}/web`, aDeployment('web', {}, { creationTimestamp: '2001-01-01T00:00:00Z', generation: 77 })),
          ok(
            { metadata: { uid: '{{uid}}', creationTimestamp: '{{created}}', generation: 1 } },
            { absent: ['/metadata/deletionTimestamp'] },
          ),
        ],
      ],
    },
    {
      name: 'labels are checked',
      steps: [
        [
          post(configMaps, aConfigMap('a', {}, { labels: { a: 'c d' } })),
          invalid('ConfigMap "a"', wrong('metadata.labels', 'c d', labelValueWords)),
        ],
        [
          post(configMaps, aConfigMap('a', {}, { labels: { 'a b': 'c' } })),
          invalid('ConfigMap "a"', wrong('metadata.labels', 'a b', labelKeyWords)),
        ],
        [
          post(configMaps, aConfigMap('a', {}, { labels: { a: 'x'.repeat(64) } })),
          invalid('ConfigMap "a"', wrong('metadata.labels', 'x'.repeat(64), 'must be no more than 63 bytes')),
        ],
      ],
    },
    {
      name: 'an owner is named in full',
      steps: [
        [
          post(configMaps, aConfigMap('a', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: '', uid: '' }] })),
          invalid(
            'ConfigMap "a"',
            wrong('metadata.ownerReferences.name', '', 'must not be empty'),
            wrong('metadata.ownerReferences.uid', '', 'must not be empty'),
          ),
        ],
      ],
    },
    {
      name: 'an immutable ConfigMap keeps its data',
      steps: [
        [post(configMaps, { ...aConfigMap('a', { x: '1' }), immutable: true }), made()],
        [
          mergePatch(`${configMaps}/a`, { data: { x: '2' } }),
          invalid('ConfigMap "a"', prohibited('data', 'field is immutable when `immutable` is set')),
        ],
        [mergePatch(`${configMaps}/a`, { metadata: { labels: { l: '1' } } }), ok()],
      ],
    },
    {
      name: 'an immutable Secret stays so, with its data',
      steps: [
        [post(secrets, aSecret('s', { data: { x: 'MQ==' }, immutable: true })), made()],
        [
          mergePatch(`${secrets}/s`, { data: { x: 'Mg==' } }),
          invalid('Secret "s"', prohibited('data', 'field is immutable when `immutable` is set')),
        ],
        [
          mergePatch(`${secrets}/s`, { immutable: null }),
          invalid('Secret "s"', prohibited('immutable', 'field is immutable when `immutable` is set')),
        ],
      ],
    },
  ],
}
