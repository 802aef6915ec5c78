import { aConfigMap, aWidget, configMaps, widgets } from '../builders.ts'
import { ruled } from '../causes.ts'
import { apply, type Chapter, get, invalid, made, mergePatch, ok, post, put, refused, remove } from '../contract-case.ts'

/** Everything is worked out and checked, nothing is kept. */
export const dryRuns: Chapter = {
  about: 'dry run',
  cases: [
    {
      name: 'creates nothing',
      steps: [
        [
          post(`${widgets}?dryRun=All`, aWidget('w')),
          made(
            { metadata: { name: 'w', uid: '{{any}}', creationTimestamp: '{{any}}', generation: 1 }, spec: { color: 'red' } },
            { absent: ['/metadata/resourceVersion'] },
          ),
        ],
        [get(`${widgets}/w`), { code: 404 }],
      ],
    },
    {
      name: 'changes nothing',
      steps: [
        [post(configMaps, aConfigMap('a', { x: '1' })), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [put(`${configMaps}/a?dryRun=All`, aConfigMap('a', { x: '2' })), ok({ data: { x: '2' } })],
        [mergePatch(`${configMaps}/a?dryRun=All`, { data: { x: '3' } }), ok({ data: { x: '3' }, metadata: { resourceVersion: '{{rv}}' } })],
        [apply(`${configMaps}/a`, 'fieldManager=git&force=true&dryRun=All', aConfigMap('a', { x: '4' })), ok({ data: { x: '4' } })],
        [get(`${configMaps}/a`), ok({ data: { x: '1' }, metadata: { resourceVersion: '{{rv}}' } })],
      ],
    },
    {
      name: 'deletes nothing',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [remove(`${configMaps}/a?dryRun=All`), ok({ kind: 'Status', status: 'Success' })],
        [remove(`${configMaps}/a`, { dryRun: ['All'] }), ok()],
        [remove(`${configMaps}?dryRun=All`), ok()],
        [get(`${configMaps}/a`), ok()],
      ],
    },
    {
      name: 'refuses what would be refused',
      steps: [
        [
          post(`${widgets}?dryRun=All`, aWidget('w', { size: 11 })),
          invalid('Widget.contract.serin.test "w"', ruled('spec', 'size is at most 10')),
        ],
        [post(configMaps, aConfigMap('a')), made()],
        [post(`${configMaps}?dryRun=All`, aConfigMap('a')), refused('409 AlreadyExists', 'configmaps "a" already exists')],
      ],
    },
    {
      name: 'is of everything or nothing',
      steps: [
        [
          post(`${configMaps}?dryRun=Some`, aConfigMap('a')),
          invalid('CreateOptions.meta.k8s.io ""', [
            'FieldValueNotSupported',
            'dryRun',
            'Unsupported value: ["Some"]: supported values: "All"',
          ]),
        ],
      ],
    },
  ],
}
