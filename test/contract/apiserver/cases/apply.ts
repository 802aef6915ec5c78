import { aConfigMap, aDeployment, aWidget, configMaps, deployments, widgets } from '../builders.ts'
import { apply, type Chapter, jsonPatch, made, mergePatch, ok, post, refused } from '../contract-case.ts'

const oneConflict = (manager: string, field: string) => ({
  causes: [{ reason: 'FieldManagerConflict', message: `conflict with "${manager}"`, field }],
})
const entry = (manager: string, fieldsV1: object, rest: object = {}) => ({
  manager,
  operation: 'Apply',
  apiVersion: 'v1',
  fieldsV1,
  ...rest,
})
const dataFields = (...keys: readonly string[]) => ({ 'f:data': Object.fromEntries(keys.map(key => [`f:${key}`, {}])) })
const dataOf = (...keys: readonly string[]) => ({ '/metadata/managedFields/0/fieldsV1': dataFields(...keys) })

/** Server-side apply: who owns what, who is in whose way, what becomes of fields that nobody wants any more. */
export const applying: Chapter = {
  about: 'server-side apply',
  cases: [
    {
      name: 'apply creates what is not there',
      steps: [
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })),
          made(
            { data: { x: '1' }, metadata: { managedFields: [entry('git', dataFields('x'), { time: '{{any}}' })] } },
            { whole: dataOf('x') },
          ),
        ],
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '2' })), ok({ data: { x: '2' } })],
      ],
    },
    {
      name: 'apply reads YAML',
      steps: [
        [
          apply(`${configMaps}/a`, 'fieldManager=git', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: "1"\n'),
          made({ data: { x: '1' } }),
        ],
      ],
    },
    {
      name: 'apply of what is already so changes nothing',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })), ok({ metadata: { resourceVersion: '{{rv}}' } })],
      ],
    },
    {
      name: 'a field that is no longer applied goes',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1', y: '2' })), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })),
          ok({}, { whole: { '/data': { x: '1' }, ...dataOf('x') } }),
        ],
      ],
    },
    {
      name: 'a field of another manager is a conflict',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=serin', aConfigMap('a', { x: '2' })),
          refused('409 Conflict', 'Apply failed with 1 conflict: conflict with "git": .data.x', oneConflict('git', '.data.x')),
        ],
      ],
    },
    {
      name: 'conflicts are listed by manager',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1', y: '1' })), made()],
        [apply(`${configMaps}/a`, 'fieldManager=flux', aConfigMap('a', { z: '1' })), ok()],
        [
          apply(`${configMaps}/a`, 'fieldManager=serin', aConfigMap('a', { x: '2', y: '2', z: '2' })),
          refused(
            '409 Conflict',
            'Apply failed with 3 conflicts: conflicts with "flux":\n- .data.z\nconflicts with "git":\n- .data.x\n- .data.y',
          ),
        ],
      ],
    },
    {
      name: 'a conflict with an update says what wrote it and when',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '2' })),
          refused('409 Conflict', 'Apply failed with 1 conflict: conflict with "contract" using v1: .data.x', {
            causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "contract" using v1', field: '.data.x' }],
          }),
        ],
      ],
    },
    {
      name: 'force takes fields over',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1', y: '1' })), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=serin&force=true', aConfigMap('a', { x: '2' })),
          ok(
            { data: { x: '2', y: '1' }, metadata: { managedFields: [entry('git', dataFields('y')), entry('serin', dataFields('x'))] } },
            { whole: dataOf('y') },
          ),
        ],
      ],
    },
    {
      name: 'who lost a field by force does not take it away by applying less',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1', y: '1' })), made()],
        [apply(`${configMaps}/a`, 'fieldManager=serin&force=true', aConfigMap('a', { x: '2' })), ok()],
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { y: '1' })), ok({ data: { x: '2', y: '1' } })],
      ],
    },
    {
      name: 'two managers own a field that both want alike',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=serin', aConfigMap('a', { x: '1', y: '1' })),
          ok({ metadata: { managedFields: [entry('git', dataFields('x')), entry('serin', dataFields('x', 'y'))] } }),
        ],
        [apply(`${configMaps}/a`, 'fieldManager=serin', aConfigMap('a', { y: '1' })), ok({ data: { x: '1', y: '1' } })],
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a')), ok({}, { whole: { '/data': { y: '1' } } })],
      ],
    },
    {
      name: 'a manager that gives up everything is forgotten',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })), made()],
        [apply(`${configMaps}/a`, 'fieldManager=serin', aConfigMap('a', { y: '1' })), ok()],
        [
          apply(`${configMaps}/a`, 'fieldManager=serin', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }),
          ok({ metadata: { managedFields: [{ manager: 'git' }] } }, { whole: { '/data': { x: '1' } } }),
        ],
      ],
    },
    {
      name: 'replicas that a controller has written are a conflict for who applies them',
      steps: [
        [apply(`${deployments}/web`, 'fieldManager=git', aDeployment('web', { replicas: 0 })), made()],
        [mergePatch(`${deployments}/web?fieldManager=serin`, { spec: { replicas: 3 } }), ok()],
        [
          apply(`${deployments}/web`, 'fieldManager=git', aDeployment('web', { replicas: 0 })),
          refused('409 Conflict', 'Apply failed with 1 conflict: conflict with "serin" using apps/v1: .spec.replicas'),
        ],
        [apply(`${deployments}/web`, 'fieldManager=git', aDeployment('web', { replicas: undefined })), ok({ spec: { replicas: 3 } })],
      ],
    },
    {
      name: 'a scale that was written counts as a writer of its own',
      steps: [
        [apply(`${deployments}/web`, 'fieldManager=git', aDeployment('web', { replicas: 0 })), made()],
        [mergePatch(`${deployments}/web/scale?fieldManager=hpa`, { spec: { replicas: 2 } }), ok()],
        [
          apply(`${deployments}/web`, 'fieldManager=git', aDeployment('web', { replicas: 0 })),
          refused(
            '409 Conflict',
            'Apply failed with 1 conflict: conflict with "hpa" with subresource "scale" using apps/v1: .spec.replicas',
            {
              causes: [
                {
                  reason: 'FieldManagerConflict',
                  message: 'conflict with "hpa" with subresource "scale" using apps/v1',
                  field: '.spec.replicas',
                },
              ],
            },
          ),
        ],
      ],
    },
    {
      name: 'a scale that was written can be given up, and then whoever applies it meets no conflict',
      steps: [
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { size: 1 }, { labels: { team: 'shop' } })), made()],
        [mergePatch(`${widgets}/w/scale?fieldManager=serin`, { spec: { replicas: 2 } }), ok()],
        [
          mergePatch(`${widgets}/w?fieldManager=serin`, {}),
          ok({
            metadata: {
              managedFields: [
                { manager: 'git', operation: 'Apply' },
                { manager: 'serin', operation: 'Update', subresource: 'scale', fieldsV1: { 'f:spec': { 'f:size': {} } } },
              ],
            },
          }),
        ],
        [
          jsonPatch(`${widgets}/w`, [
            { op: 'test', path: '/metadata/managedFields/1/manager', value: 'serin' },
            { op: 'remove', path: '/metadata/managedFields/1' },
          ]),
          ok({ spec: { size: 2 } }),
        ],
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { size: 3 }, { labels: { team: 'shop' } })), ok({ spec: { size: 3 } })],
      ],
    },
    {
      name: 'an update takes the fields it changes',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1', y: '1' })), made()],
        [
          mergePatch(`${configMaps}/a?fieldManager=hand`, { data: { y: '2' } }),
          ok(
            {
              metadata: {
                managedFields: [entry('git', dataFields('x')), { manager: 'hand', operation: 'Update', fieldsV1: dataFields('y') }],
              },
            },
            { whole: dataOf('x') },
          ),
        ],
      ],
    },
    {
      name: 'an update that takes a field away takes it from everybody',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1', y: '1' })), made()],
        [
          mergePatch(`${configMaps}/a?fieldManager=hand`, { data: { y: null } }),
          ok({ metadata: { managedFields: [entry('git', dataFields('x'))] } }, { whole: dataOf('x') }),
        ],
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1', y: '1' })), ok({ data: { y: '1' } })],
      ],
    },
    {
      name: 'owners can be taken out by hand',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })), made()],
        [apply(`${configMaps}/a`, 'fieldManager=serin', aConfigMap('a', { y: '1' })), ok()],
        [
          jsonPatch(`${configMaps}/a`, [{ op: 'remove', path: '/metadata/managedFields/0' }]),
          ok({ metadata: { managedFields: [{ manager: 'serin' }] } }),
        ],
      ],
    },
    {
      name: 'an empty entry wipes all owners',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '1' })), made()],
        [mergePatch(`${configMaps}/a`, { metadata: { managedFields: [{}] } }), ok({}, { absent: ['/metadata/managedFields'] })],
      ],
    },
    {
      name: 'the first apply leaves what was written before to a manager of that name',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made()],
        [mergePatch(`${configMaps}/a`, { metadata: { managedFields: [{}] } }), ok()],
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', { x: '2' })),
          refused('409 Conflict', 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.x'),
        ],
      ],
    },
    {
      name: 'a status is owned apart',
      steps: [
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w')), made()],
        [
          apply(`${widgets}/w/status`, 'fieldManager=serin', { ...aWidget('w'), status: { phase: 'Good' } }),
          ok({
            status: { phase: 'Good' },
            metadata: {
              managedFields: [
                { manager: 'git' },
                { manager: 'serin', operation: 'Apply', subresource: 'status', fieldsV1: { 'f:status': { 'f:phase': {} } } },
              ],
            },
          }),
        ],
        [apply(`${widgets}/w`, 'fieldManager=git', { ...aWidget('w'), status: { phase: 'Bad' } }), ok({ status: { phase: 'Good' } })],
      ],
    },
    {
      name: 'the status of what is not there is not created',
      steps: [
        [
          apply(`${widgets}/w/status`, 'fieldManager=serin', { ...aWidget('w'), status: { phase: 'Good' } }),
          refused('404 NotFound', 'widgets.contract.serin.test "w" not found'),
        ],
      ],
    },
  ],
}
