import { aConfigMap, configMaps, deployments } from '../builders.ts'
import { type Chapter, get, made, ok, post, put, refused } from '../contract-case.ts'

const noSuchPath = 'the server could not find the requested resource'

/** Paths, methods and media types. */
export const protocol: Chapter = {
  about: 'the protocol',
  cases: [
    {
      name: 'a path that is not served is not found',
      steps: [
        [get('/api/v1/namespaces/{{ns}}/nothings'), refused('404 NotFound', noSuchPath)],
        [get('/apis/apps/v1/nothings'), refused('404 NotFound', noSuchPath)],
        [get('/apis/nowhere.example.com/v1/things'), { code: 404, body: '404 page not found\n', contentType: 'text/plain; charset=utf-8' }],
        [get('/apis/flagger.app/v1beta1/nothings'), { code: 404, body: '404 page not found\n' }],
      ],
    },
    {
      name: 'a method that a path does not have is not allowed',
      steps: [
        [
          post(`${configMaps}/a`, aConfigMap('a')),
          refused('405 MethodNotAllowed', 'the server does not allow this method on the requested resource'),
        ],
        [
          put(configMaps, aConfigMap('a')),
          refused('405 MethodNotAllowed', 'the server does not allow this method on the requested resource'),
        ],
        [
          post('/api/v1/configmaps', aConfigMap('a')),
          refused('405 MethodNotAllowed', 'the server does not allow this method on the requested resource'),
        ],
      ],
    },
    {
      name: 'a body in an unknown form is refused',
      steps: [
        [
          post(configMaps, 'x', { contentType: 'text/plain' }),
          refused(
            '415 UnsupportedMediaType',
            'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
          ),
        ],
        [
          { method: 'PATCH', path: `${configMaps}/a`, body: {}, contentType: 'application/json' },
          refused('415 UnsupportedMediaType', '415: Unsupported Media Type'),
        ],
      ],
    },
    {
      name: 'an answer in an unknown form is not to be had',
      steps: [
        [
          get(configMaps, { accept: 'text/x-unheard-of' }),
          refused(
            '406 NotAcceptable',
            '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
          ),
        ],
      ],
    },
    {
      name: 'a body that is no JSON is refused',
      steps: [
        [
          post(configMaps, '{'),
          refused(
            '400 BadRequest',
            "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({)",
          ),
        ],
        [
          post('/apis/contract.serin.test/v1/namespaces/{{ns}}/widgets', '{}'),
          refused('400 BadRequest', "the object provided is unrecognized (must be of type Widget): Object 'Kind' is missing in '{}' ({})"),
        ],
      ],
    },
    {
      name: 'a body may be YAML',
      steps: [
        [
          post(configMaps, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "1"}\n', { contentType: 'application/yaml' }),
          made({ data: { x: '1' } }),
        ],
      ],
    },
    {
      name: 'an answer may be YAML',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made()],
        [
          get(`${configMaps}/a`, { accept: 'application/yaml' }),
          ok(
            'apiVersion: v1\ndata:\n  x: "1"\nkind: ConfigMap\nmetadata:\n  creationTimestamp: "{{any}}"\n  managedFields:\n  - apiVersion: v1\n{{any}}',
            { contentType: 'application/yaml' },
          ),
        ],
      ],
    },
    {
      name: 'metadata alone may be asked for',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made()],
        [
          get(`${configMaps}/a`, { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' }),
          ok({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } }, { absent: ['/data'] }),
        ],
        [
          get(`${deployments}`, { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }),
          ok({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', items: null }),
        ],
      ],
    },
    {
      name: 'the program is the field manager of who names none',
      steps: [
        [
          post(configMaps, aConfigMap('a', { x: '1' }), { userAgent: 'kubectl-edit/v1.36.3 (linux/amd64)' }),
          made({ metadata: { managedFields: [{ manager: 'kubectl-edit' }] } }),
        ],
      ],
    },
    {
      name: 'the server says that it is well',
      steps: [
        [get('/readyz', { as: 'nobody' }), ok('ok'), { eventually: true }],
        [get('/livez'), ok('ok')],
        [get('/healthz'), ok('ok')],
      ],
    },
    {
      name: 'the server says its version',
      steps: [[get('/version'), ok({ major: '1', minor: '36', gitVersion: '{{any}}', platform: '{{any}}' })]],
    },
  ],
}
