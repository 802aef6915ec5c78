import {
  aCanary,
  aDeployment,
  aSecret,
  aService,
  aTemplate,
  aWidget,
  canaries,
  configMaps,
  deployments,
  secrets,
  services,
  widgets,
} from '../builders.ts'
import { ruled, wrong } from '../causes.ts'
import { type Chapter, get, invalid, made, mergePatch, ok, post, put, refused } from '../contract-case.ts'

const aScale = (name: string, replicas: number, metadata: object = {}) => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name, namespace: '{{ns}}', ...metadata },
  spec: { replicas },
})
const generation = (count: number) => ({ metadata: { generation: count } })

/** Status and scale, and what counts as a new generation. */
export const subresources: Chapter = {
  about: 'subresources',
  cases: [
    {
      name: 'a status is written through its own door only',
      steps: [
        [post(widgets, { ...aWidget('w'), status: { phase: 'Good' } }), made({}, { absent: ['/status'] })],
        [mergePatch(`${widgets}/w`, { status: { phase: 'Good' } }), ok({}, { absent: ['/status'] })],
        [mergePatch(`${widgets}/w/status`, { status: { phase: 'Good' } }), ok({ status: { phase: 'Good' } })],
        [get(`${widgets}/w/status`), ok({ kind: 'Widget', status: { phase: 'Good' } })],
      ],
    },
    {
      name: 'the door of the status lets nothing else through',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          mergePatch(`${widgets}/w/status`, {
            spec: { size: 9 },
            metadata: { labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['contract.serin.test/f'] },
            status: { phase: 'Good' },
          }),
          ok(
            { spec: { size: 3 }, status: { phase: 'Good' } },
            { absent: ['/metadata/labels', '/metadata/annotations', '/metadata/finalizers'] },
          ),
        ],
      ],
    },
    {
      name: 'a status is replaced on condition of its version',
      steps: [
        [post(widgets, aWidget('w')), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [
          put(`${widgets}/w/status`, { ...aWidget('w', {}, { resourceVersion: '{{rv}}' }), status: { phase: 'Good' } }),
          ok({ status: { phase: 'Good' } }),
        ],
        [
          put(`${widgets}/w/status`, { ...aWidget('w', {}, { resourceVersion: '{{rv}}' }), status: { phase: 'Bad' } }),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on widgets.contract.serin.test "w": the object has been modified; please apply your changes to the latest version and try again',
          ),
        ],
      ],
    },
    {
      name: 'a write to the status is signed with the name of the door',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          mergePatch(`${widgets}/w/status?fieldManager=serin`, { status: { phase: 'Good' } }),
          ok({
            metadata: {
              managedFields: [
                { manager: 'contract' },
                { manager: 'serin', operation: 'Update', subresource: 'status', fieldsV1: { 'f:status': { '.': {}, 'f:phase': {} } } },
              ],
            },
          }),
        ],
      ],
    },
    {
      name: 'the status of a built-in kind is merged as its lists say',
      steps: [
        [post(deployments, aDeployment('web')), made({ status: {} })],
        [mergePatch(`${deployments}/web/status`, { status: { collisionCount: 2 } }), ok({ status: { collisionCount: 2 } })],
      ],
    },
    {
      name: 'a kind without a status has no such door',
      steps: [
        [get(`${configMaps}/a/status`), refused('404 NotFound', 'the server could not find the requested resource')],
        [mergePatch(`${secrets}/a/status`, {}), refused('404 NotFound', 'the server could not find the requested resource')],
      ],
    },
    {
      name: 'a Canary has a status but no scale',
      steps: [
        [post(canaries, aCanary('web')), made({ metadata: { generation: 1 } })],
        [
          mergePatch(`${canaries}/web/status`, { status: { phase: 'Initialized', canaryWeight: 0 } }),
          ok({ status: { phase: 'Initialized' }, metadata: { generation: 1 } }),
        ],
        [get(`${canaries}/web/scale`), refused('404 NotFound', 'canaries.flagger.app "web" not found')],
      ],
    },
    {
      name: 'generations count changes of the spec',
      steps: [
        [post(deployments, aDeployment('web')), made(generation(1))],
        [mergePatch(`${deployments}/web`, { metadata: { labels: { a: 'b' } } }), ok(generation(1))],
        [mergePatch(`${deployments}/web`, { spec: { minReadySeconds: 5 } }), ok(generation(2))],
        [mergePatch(`${deployments}/web`, { spec: { minReadySeconds: 5 } }), ok(generation(2))],
        [mergePatch(`${deployments}/web/status`, { status: { observedGeneration: 1 } }), ok(generation(2))],
        [mergePatch(`${deployments}/web/scale`, { spec: { replicas: 1 } }), ok()],
        [get(`${deployments}/web`), ok(generation(3))],
      ],
    },
    {
      name: 'generations of a Deployment count changes of its annotations as well',
      steps: [
        [post(deployments, aDeployment('web')), made(generation(1))],
        [mergePatch(`${deployments}/web`, { metadata: { annotations: { c: 'd' } } }), ok(generation(2))],
      ],
    },
    {
      name: 'Services, ConfigMaps and Secrets count no generations',
      steps: [
        [post(services, aService('s')), made({}, { absent: ['/metadata/generation'] })],
        [mergePatch(`${services}/s`, { spec: { selector: { app: 'other' } } }), ok({}, { absent: ['/metadata/generation'] })],
        [post(secrets, aSecret('s')), made({}, { absent: ['/metadata/generation'] })],
      ],
    },
    {
      name: 'generations of a defined kind count all but metadata and status',
      steps: [
        [post(widgets, aWidget('w', {}, { generation: 7 })), made(generation(1))],
        [mergePatch(`${widgets}/w`, { metadata: { labels: { a: 'b' } } }), ok(generation(1))],
        [mergePatch(`${widgets}/w`, { spec: { size: 4 } }), ok(generation(2))],
        [mergePatch(`${widgets}/w/status`, { status: { phase: 'Good' } }), ok(generation(2))],
        [mergePatch(`${widgets}/w/scale`, { spec: { replicas: 5 } }), ok()],
        [get(`${widgets}/w`), ok({ metadata: { generation: 3 }, spec: { size: 5 } })],
      ],
    },
    {
      name: 'the scale of a Deployment is read and written',
      steps: [
        [post(deployments, aDeployment('web', { replicas: 0 })), made(), { keep: { uid: '/metadata/uid' } }],
        [
          get(`${deployments}/web/scale`),
          ok(
            {
              kind: 'Scale',
              apiVersion: 'autoscaling/v1',
              metadata: { name: 'web', namespace: '{{ns}}', uid: '{{uid}}', resourceVersion: '{{any}}' },
              spec: {},
              status: { replicas: 0, selector: 'app=web' },
            },
            { absent: ['/spec/replicas', '/metadata/labels'] },
          ),
        ],
        [put(`${deployments}/web/scale`, aScale('web', 2)), ok({ kind: 'Scale', spec: { replicas: 2 } })],
        [get(`${deployments}/web`), ok({ spec: { replicas: 2 } })],
      ],
    },
    {
      name: 'a scale is written on condition of its version',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          put(`${widgets}/w/scale`, aScale('w', 4, { resourceVersion: '1' })),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on widgets.contract.serin.test "w": the object has been modified; please apply your changes to the latest version and try again',
          ),
        ],
      ],
    },
    {
      name: 'a scale is patched on condition of the version of its object, and answers with the new one',
      steps: [
        [post(widgets, aWidget('w')), made(), { keep: { version: '/metadata/resourceVersion' } }],
        [
          mergePatch(`${widgets}/w/scale`, { metadata: { resourceVersion: '{{version}}' }, spec: { replicas: 5 } }),
          ok({ kind: 'Scale', spec: { replicas: 5 } }, { absent: ['/metadata/managedFields'] }),
          { keep: { newer: '/metadata/resourceVersion' } },
        ],
        [get(`${widgets}/w`), ok({ metadata: { resourceVersion: '{{newer}}' }, spec: { size: 5 } })],
        [
          mergePatch(`${widgets}/w/scale`, { metadata: { resourceVersion: '{{version}}' }, spec: { replicas: 4 } }),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on widgets.contract.serin.test "w": the object has been modified; please apply your changes to the latest version and try again',
          ),
        ],
      ],
    },
    {
      name: 'a scale is not negative',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [
          mergePatch(`${deployments}/web/scale`, { spec: { replicas: -5 } }),
          invalid('Scale.autoscaling "web"', wrong('spec.replicas', -5, 'must be greater than or equal to 0')),
        ],
        [post(widgets, aWidget('w')), made()],
        [
          mergePatch(`${widgets}/w/scale`, { spec: { replicas: -5 } }),
          invalid(
            'Widget.contract.serin.test "w"',
            wrong('spec.size', -5, 'spec.size in body should be greater than or equal to 1'),
            wrong('.spec.size', -5, 'should be a non-negative integer'),
            ruled('spec', 'size never shrinks'),
          ),
        ],
      ],
    },
    {
      name: 'the scale of a defined kind is where its definition says',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [mergePatch(`${widgets}/w/status`, { status: { size: 2, selector: 'app=w' } }), ok()],
        [get(`${widgets}/w/scale`), ok({ kind: 'Scale', spec: { replicas: 3 }, status: { replicas: 2, selector: 'app=w' } })],
        [put(`${widgets}/w/scale`, aScale('w', 6)), ok({ spec: { replicas: 6 } })],
        [get(`${widgets}/w`), ok({ spec: { size: 6 } })],
      ],
    },
    {
      name: 'the scale of what is not there is not found',
      steps: [
        [get(`${deployments}/no/scale`), refused('404 NotFound', 'deployments.apps "no" not found')],
        [mergePatch(`${deployments}/no/scale`, { spec: { replicas: 1 } }), refused('404 NotFound', 'deployments.apps "no" not found')],
      ],
    },
    {
      name: 'a template is replaced as a whole by an update',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [
          put(`${deployments}/web`, aDeployment('web', { template: aTemplate('web', [{ name: 'other', image: 'other:1.0' }]) })),
          ok({ metadata: { generation: 2 }, spec: { template: { spec: { containers: [{ name: 'other' }] } } } }),
        ],
      ],
    },
  ],
}
