import { aDeployment, aService, aTemplate, aWidget, deployments, services, widgets } from '../builders.ts'
import { apply, type Chapter, made, ok, refused } from '../contract-case.ts'

const oneConflict = (manager: string, field: string) => ({
  causes: [{ reason: 'FieldManagerConflict', message: `conflict with "${manager}"`, field }],
})

/** Server-side apply of lists and maps, in one piece or item by item. */
export const applyingLists: Chapter = {
  about: 'server-side apply of lists',
  cases: [
    {
      name: 'items of a list map are owned one by one',
      steps: [
        [
          apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { parts: [{ name: 'a', value: 1 }] })),
          made({
            metadata: {
              managedFields: [
                {
                  fieldsV1: {
                    'f:spec': { 'f:size': {}, 'f:parts': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:value': {} } } },
                  },
                },
              ],
            },
          }),
        ],
        [
          apply(`${widgets}/w`, 'fieldManager=serin', { ...aWidget('w'), spec: { parts: [{ name: 'b', value: 2 }] } }),
          ok(
            {},
            {
              whole: {
                '/spec/parts': [
                  { name: 'a', value: 1 },
                  { name: 'b', value: 2 },
                ],
              },
            },
          ),
        ],
        [
          apply(`${widgets}/w`, 'fieldManager=serin', { ...aWidget('w'), spec: { parts: [{ name: 'a', value: 5 }] } }),
          refused(
            '409 Conflict',
            'Apply failed with 1 conflict: conflict with "git": .spec.parts[name="a"].value',
            oneConflict('git', '.spec.parts[name="a"].value'),
          ),
        ],
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w')), ok({}, { whole: { '/spec/parts': [{ name: 'b', value: 2 }] } })],
      ],
    },
    {
      name: 'an item of a list map goes when its last owner lets go',
      steps: [
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { parts: [{ name: 'a' }, { name: 'b' }] })), made()],
        [
          apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { parts: [{ name: 'b' }] })),
          ok({}, { whole: { '/spec/parts': [{ name: 'b' }] } }),
        ],
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w')), ok({}, { absent: ['/spec/parts'] })],
      ],
    },
    {
      name: 'an applied list map keeps the order of who applied last',
      steps: [
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { parts: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] })), made()],
        [
          apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { parts: [{ name: 'c' }, { name: 'a' }, { name: 'b' }] })),
          ok({}, { whole: { '/spec/parts': [{ name: 'c' }, { name: 'a' }, { name: 'b' }] } }),
        ],
      ],
    },
    {
      name: 'an atomic list has one owner',
      steps: [
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { weights: [1, 2] })), made()],
        [
          apply(`${widgets}/w`, 'fieldManager=serin', { ...aWidget('w'), spec: { weights: [3] } }),
          refused('409 Conflict', 'Apply failed with 1 conflict: conflict with "git": .spec.weights', oneConflict('git', '.spec.weights')),
        ],
        [
          apply(`${widgets}/w`, 'fieldManager=serin&force=true', { ...aWidget('w'), spec: { weights: [3] } }),
          ok({}, { whole: { '/spec/weights': [3] } }),
        ],
      ],
    },
    {
      name: 'an atomic map has one owner',
      steps: [
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { limits: { low: 1 } })), made()],
        [
          apply(`${widgets}/w`, 'fieldManager=serin', { ...aWidget('w'), spec: { limits: { high: 9 } } }),
          refused('409 Conflict', 'Apply failed with 1 conflict: conflict with "git": .spec.limits'),
        ],
      ],
    },
    {
      name: 'the values of a set are owned one by one',
      steps: [
        [
          apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { tags: ['a'] })),
          made({ metadata: { managedFields: [{ fieldsV1: { 'f:spec': { 'f:tags': { 'v:"a"': {} } } } }] } }),
        ],
        [
          apply(`${widgets}/w`, 'fieldManager=serin', { ...aWidget('w'), spec: { tags: ['b'] } }),
          ok({}, { whole: { '/spec/tags': ['a', 'b'] } }),
        ],
        [apply(`${widgets}/w`, 'fieldManager=git', aWidget('w')), ok({}, { whole: { '/spec/tags': ['b'] } })],
      ],
    },
    {
      name: 'containers are owned one by one',
      steps: [
        [apply(`${deployments}/web`, 'fieldManager=git', aDeployment('web')), made()],
        [
          apply(`${deployments}/web`, 'fieldManager=mesh', {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: 'web' },
            spec: { template: { spec: { containers: [{ name: 'proxy', image: 'proxy:1.0' }] } } },
          }),
          ok({ spec: { template: { spec: { containers: [{ name: 'web' }, { name: 'proxy' }] } } } }),
        ],
        [
          apply(
            `${deployments}/web`,
            'fieldManager=other',
            aDeployment('web', { template: aTemplate('web', [{ name: 'web', image: 'web:2.0' }]) }),
          ),
          refused(
            '409 Conflict',
            'Apply failed with 1 conflict: conflict with "git": .spec.template.spec.containers[name="web"].image',
            oneConflict('git', '.spec.template.spec.containers[name="web"].image'),
          ),
        ],
        [
          apply(`${deployments}/web`, 'fieldManager=git', aDeployment('web')),
          ok({ spec: { template: { spec: { containers: [{ name: 'web' }, { name: 'proxy' }] } } } }),
        ],
      ],
    },
    {
      name: 'ports of a Service are owned by number and protocol',
      steps: [
        [
          apply(`${services}/s`, 'fieldManager=git', aService('s', { ports: [{ port: 80, name: 'http' }] })),
          made({
            metadata: {
              managedFields: [
                { fieldsV1: { 'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:name': {} } } } } },
              ],
            },
          }),
        ],
        [
          apply(`${services}/s`, 'fieldManager=serin', { ...aService('s'), spec: { ports: [{ port: 90, name: 'grpc' }] } }),
          ok({
            spec: {
              ports: [
                { port: 80, name: 'http' },
                { port: 90, name: 'grpc' },
              ],
            },
          }),
        ],
      ],
    },
  ],
}
