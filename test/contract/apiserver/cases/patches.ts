import { aConfigMap, aDeployment, aService, aWidget, configMaps, deployments, services, widgets } from '../builders.ts'
import { type Chapter, get, jsonPatch, made, mergePatch, ok, post, refused, strategicPatch } from '../contract-case.ts'

const withContainers = (containers: readonly unknown[], rest: object = {}) => ({ spec: { template: { spec: { containers, ...rest } } } })
const containersOf = '/spec/template/spec/containers'

const rejected = 'the server rejected our request due to an error in our request'

/** JSON patch, merge patch and strategic merge patch. */
export const patches: Chapter = {
  about: 'patches',
  cases: [
    {
      name: 'a merge patch merges objects, replaces lists and takes away what is null',
      steps: [
        [post(widgets, aWidget('w', { weights: [1, 2], notes: { a: '1', b: '2' } })), made()],
        [
          mergePatch(`${widgets}/w`, { spec: { weights: [5], notes: { a: null, c: '3' } } }),
          ok({}, { whole: { '/spec/weights': [5], '/spec/notes': { b: '2', c: '3' } } }),
        ],
      ],
    },
    {
      name: 'a merge patch with a version is a precondition',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          mergePatch(`${configMaps}/a`, { metadata: { resourceVersion: '1' }, data: { x: '1' } }),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
          ),
        ],
      ],
    },
    {
      name: 'a merge patch that is no object is refused',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          mergePatch(`${configMaps}/a`, '[1]'),
          refused('400 BadRequest', 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'),
        ],
        [mergePatch(`${configMaps}/a`, '{'), refused('400 BadRequest', 'error decoding patch: unexpected end of JSON input')],
      ],
    },
    {
      name: 'a JSON patch does its operations in order',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1', y: '2' })), made()],
        [
          jsonPatch(`${configMaps}/a`, [
            { op: 'test', path: '/data/x', value: '1' },
            { op: 'replace', path: '/data/x', value: '5' },
            { op: 'remove', path: '/data/y' },
            { op: 'copy', from: '/data/x', path: '/data/z' },
            { op: 'move', from: '/data/z', path: '/data/w' },
          ]),
          ok({}, { whole: { '/data': { x: '5', w: '5' } } }),
        ],
      ],
    },
    {
      name: 'a JSON patch whose test fails changes nothing',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made()],
        [
          jsonPatch(`${configMaps}/a`, [
            { op: 'replace', path: '/data/x', value: '2' },
            { op: 'test', path: '/data/x', value: '9' },
          ]),
          refused('422 Invalid', rejected),
        ],
        [get(`${configMaps}/a`), ok({ data: { x: '1' } })],
      ],
    },
    {
      name: 'a JSON patch of what is not there is refused',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [jsonPatch(`${configMaps}/a`, [{ op: 'remove', path: '/data/no' }]), refused('422 Invalid', rejected)],
        [jsonPatch(`${configMaps}/a`, [{ op: 'replace', path: '/data/no', value: '1' }]), refused('422 Invalid', rejected)],
        [jsonPatch(`${configMaps}/a`, [{ op: 'add', path: '/no/way', value: '1' }]), refused('422 Invalid', rejected)],
      ],
    },
    {
      name: 'a JSON patch is a list of operations',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          jsonPatch(`${configMaps}/a`, { data: {} }),
          refused('400 BadRequest', 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'),
        ],
        [jsonPatch(`${configMaps}/a`, [{ op: 'jump', path: '/data' }]), refused('422 Invalid', rejected)],
      ],
    },
    {
      name: 'a strategic merge patch merges containers by name',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [
          strategicPatch(
            `${deployments}/web`,
            withContainers([
              { name: 'web', image: 'web:2.0' },
              { name: 'side', image: 'side:1.0' },
            ]),
          ),
          ok({ spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2.0' }, { name: 'side' }] } } } }),
        ],
      ],
    },
    {
      name: 'a strategic merge patch takes a container away',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [strategicPatch(`${deployments}/web`, withContainers([{ name: 'side', image: 'side:1.0' }])), ok()],
        [
          strategicPatch(`${deployments}/web`, withContainers([{ $patch: 'delete', name: 'side' }])),
          ok({ spec: { template: { spec: { containers: [{ name: 'web' }] } } } }),
        ],
      ],
    },
    {
      name: 'a strategic merge patch merges environments by name',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [
          strategicPatch(
            `${deployments}/web`,
            withContainers([
              {
                name: 'web',
                env: [
                  { name: 'A', value: '1' },
                  { name: 'B', value: '2' },
                ],
              },
            ]),
          ),
          ok(),
        ],
        [
          strategicPatch(`${deployments}/web`, withContainers([{ name: 'web', env: [{ name: 'B', value: '5' }] }])),
          ok(
            {},
            {
              whole: {
                [`${containersOf}/0/env`]: [
                  { name: 'A', value: '1' },
                  { name: 'B', value: '5' },
                ],
              },
            },
          ),
        ],
      ],
    },
    {
      name: 'a strategic merge patch can replace a list',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [
          strategicPatch(`${deployments}/web`, withContainers([{ $patch: 'replace' }, { name: 'other', image: 'other:1.0' }])),
          ok({ spec: { template: { spec: { containers: [{ name: 'other' }] } } } }),
        ],
      ],
    },
    {
      name: 'a strategic merge patch can order a list',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [
          strategicPatch(
            `${deployments}/web`,
            withContainers([{ name: 'side', image: 'side:1.0' }], { '$setElementOrder/containers': [{ name: 'web' }, { name: 'side' }] }),
          ),
          ok({ spec: { template: { spec: { containers: [{ name: 'web' }, { name: 'side' }] } } } }),
        ],
      ],
    },
    {
      name: 'a strategic merge patch can keep fewer fields of an object',
      steps: [
        [
          post(
            services,
            aService('s', {
              ports: [
                { port: 80, name: 'http' },
                { port: 90, name: 'grpc' },
              ],
            }),
          ),
          made(),
        ],
        [
          strategicPatch(`${services}/s`, { spec: { selector: { $retainKeys: ['tier'], tier: 'x' } } }),
          ok({}, { whole: { '/spec/selector': { tier: 'x' } } }),
        ],
      ],
    },
    {
      name: 'a strategic merge patch merges the ports of a Service by number',
      steps: [
        [post(services, aService('s', { ports: [{ port: 80, name: 'http' }] })), made()],
        [
          strategicPatch(`${services}/s`, {
            spec: {
              ports: [
                { port: 80, targetPort: 8080 },
                { port: 90, name: 'grpc' },
              ],
            },
          }),
          ok({
            spec: {
              ports: [
                { port: 80, name: 'http', targetPort: 8080 },
                { port: 90, name: 'grpc' },
              ],
            },
          }),
        ],
      ],
    },
    {
      name: 'a strategic merge patch merges finalizers as a set',
      steps: [
        [post(configMaps, aConfigMap('a', {}, { finalizers: ['contract.serin.test/a'] })), made()],
        [
          strategicPatch(`${configMaps}/a`, { metadata: { finalizers: ['contract.serin.test/b'] } }),
          ok({}, { whole: { '/metadata/finalizers': ['contract.serin.test/b', 'contract.serin.test/a'] } }),
        ],
        [
          strategicPatch(`${configMaps}/a`, {
            metadata: { '$deleteFromPrimitiveList/finalizers': ['contract.serin.test/b', 'contract.serin.test/a'] },
          }),
          ok(),
        ],
      ],
    },
    {
      name: 'a strategic merge patch of a defined kind is refused',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          strategicPatch(`${widgets}/w`, { spec: { size: 4 } }),
          refused(
            '415 UnsupportedMediaType',
            'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
          ),
        ],
      ],
    },
    {
      name: 'a patch does not rename',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          mergePatch(`${configMaps}/a`, { metadata: { name: 'b' } }),
          refused('400 BadRequest', 'the name of the object (b) does not match the name on the URL (a)'),
        ],
      ],
    },
    {
      name: 'a patch that breaks the type is refused',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          mergePatch(`${configMaps}/a`, { data: { x: 1 } }),
          refused(
            '422 Invalid',
            ' "" is invalid: patch: Invalid value: "{{any}}": json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
          ),
        ],
      ],
    },
  ],
}
