import {
  aDeployment,
  aRevision,
  aService,
  aTemplate,
  configMaps,
  controllerRevisions,
  deployments,
  secrets,
  services,
} from '../builders.ts'
import { missing, wrong } from '../causes.ts'
import { type Chapter, invalid, made, mergePatch, ok, post, put, refused, strategicPatch } from '../contract-case.ts'

const deployment = 'Deployment.apps "web"'

/** What the types of built-in kinds refuse. */
export const builtinKinds: Chapter = {
  about: 'built-in kinds',
  cases: [
    {
      name: 'a value of another type cannot be read',
      steps: [
        [
          post(deployments, aDeployment('web', { replicas: 'x' })),
          refused(
            '400 BadRequest',
            'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
          ),
        ],
      ],
    },
    {
      name: 'a Deployment that selects nothing',
      steps: [
        [
          post(deployments, aDeployment('web', { selector: undefined })),
          invalid(
            deployment,
            missing('spec.selector'),
            wrong('spec.template.metadata.labels', { app: 'web' }, '`selector` does not match template `labels`'),
          ),
        ],
      ],
    },
    {
      name: 'a Deployment that selects others',
      steps: [
        [
          post(deployments, aDeployment('web', { selector: { matchLabels: { app: 'no' } } })),
          invalid(deployment, wrong('spec.template.metadata.labels', { app: 'web' }, '`selector` does not match template `labels`')),
        ],
      ],
    },
    {
      name: 'a selector is for ever',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [
          mergePatch(`${deployments}/web`, {
            spec: { selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } } } },
          }),
          invalid(deployment, wrong('spec.selector', { matchLabels: { app: 'x' } }, 'field is immutable')),
        ],
      ],
    },
    {
      name: 'a container without an image',
      steps: [
        [
          post(deployments, aDeployment('web', { template: aTemplate('web', [{ name: 'web' }]) })),
          invalid(deployment, missing('spec.template.spec.containers[0].image')),
        ],
      ],
    },
    {
      name: 'a template without containers',
      steps: [
        [
          post(deployments, aDeployment('web', { template: aTemplate('web', []) })),
          invalid(deployment, missing('spec.template.spec.containers')),
        ],
      ],
    },
    {
      name: 'fewer replicas than none',
      steps: [
        [
          post(deployments, aDeployment('web', { replicas: -1 })),
          invalid(deployment, wrong('spec.replicas', -1, 'must be greater than or equal to 0')),
        ],
      ],
    },
    {
      name: 'a Service without ports',
      steps: [[post(services, aService('s', { ports: undefined })), invalid('Service "s"', missing('spec.ports'))]],
    },
    {
      name: 'two ports of a Service have names',
      steps: [
        [
          post(services, aService('s', { ports: [{ port: 80 }, { port: 81 }] })),
          invalid('Service "s"', missing('spec.ports[0].name'), missing('spec.ports[1].name')),
        ],
      ],
    },
    {
      name: 'a port beyond all ports',
      steps: [
        [
          post(services, aService('s', { ports: [{ port: 70000 }] })),
          invalid(
            'Service "s"',
            wrong('spec.ports[0].port', 70000, 'must be between 1 and 65535, inclusive'),
            wrong('spec.ports[0].targetPort', 70000, 'must be between 1 and 65535, inclusive'),
          ),
        ],
      ],
    },
    {
      name: 'the address of a Service stays',
      steps: [
        [post(services, aService('s')), made(), { keep: { address: '/spec/clusterIP' } }],
        [
          mergePatch(`${services}/s`, { spec: { clusterIP: '10.96.3.3' } }),
          invalid('Service "s"', ['FieldValueInvalid', 'spec.clusterIPs[0]', 'Invalid value: ["10.96.3.3"]: may not change once set']),
        ],
        [put(`${services}/s`, aService('s')), ok({ spec: { clusterIP: '{{address}}' } })],
      ],
    },
    {
      name: 'a Secret whose data is not base64',
      steps: [
        [
          post(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: '%' } }),
          refused('400 BadRequest', 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0'),
        ],
      ],
    },
    {
      name: 'a ConfigMap with a key that is no file name',
      steps: [
        [
          post(configMaps, {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'a' },
            data: { 'a/b': '1' },
          }),
          invalid(
            'ConfigMap "a"',
            wrong(
              'data[a/b]',
              'a/b',
              "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
            ),
          ),
        ],
      ],
    },
    {
      name: 'a ControllerRevision is history',
      steps: [
        [post(controllerRevisions, aRevision('r', { a: 1 })), made()],
        [
          mergePatch(`${controllerRevisions}/r`, { data: { a: 2 } }),
          invalid('ControllerRevision.apps "r"', wrong('data', { a: 2 }, 'field is immutable')),
        ],
        [mergePatch(`${controllerRevisions}/r`, { revision: 2 }), ok({ revision: 2 })],
      ],
    },
    {
      name: 'the data of a ControllerRevision is kept as it was written, and only in order does it bear to be written anew',
      steps: [
        [post(controllerRevisions, aRevision('orderly', { a: 1, b: { c: 2, d: [] } })), made()],
        [post(controllerRevisions, aRevision('unsorted', { b: { d: [], c: 2 }, a: 1 })), made()],
        [strategicPatch(`${controllerRevisions}/orderly`, { revision: 2 }), ok({ revision: 2 })],
        [
          strategicPatch(`${controllerRevisions}/unsorted`, { revision: 2 }),
          invalid('ControllerRevision.apps "unsorted"', wrong('data', { a: 1, b: { c: 2, d: [] } }, 'field is immutable')),
        ],
        [mergePatch(`${controllerRevisions}/unsorted`, { revision: 2 }), ok({ revision: 2 })],
      ],
    },
  ],
}
