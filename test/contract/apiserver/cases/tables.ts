import { expect } from 'vitest'
import { aCanary, aConfigMap, aDeployment, aService, aWidget, canaries, configMaps, deployments, services, widgets } from '../builders.ts'
import { type Chapter, get, made, mergePatch, ok, post } from '../contract-case.ts'

const asTable = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }
const columns = (...names: readonly string[]) => names.map(name => ({ name }))
const age = '{{any}}s'

/** What `kubectl get` shows. */
export const tables: Chapter = {
  about: 'tables',
  cases: [
    {
      name: 'Canaries show the columns of their definition',
      steps: [
        [post(canaries, aCanary('web', { suspend: false })), made()],
        [
          mergePatch(`${canaries}/web/status`, {
            status: { phase: 'Progressing', canaryWeight: 30, failedChecks: 1, lastTransitionTime: '2026-01-01T00:00:00Z' },
          }),
          ok(),
        ],
        [
          get(canaries, asTable),
          ok({
            kind: 'Table',
            apiVersion: 'meta.k8s.io/v1',
            columnDefinitions: columns(
              'Name',
              'Status',
              'Weight',
              'Suspended',
              'FailedChecks',
              'Interval',
              'Mirror',
              'StepWeight',
              'StepWeights',
              'MaxWeight',
              'LastTransitionTime',
            ),
            rows: [
              {
                cells: ['web', 'Progressing', '30', false, '1', '1m', null, '10', null, null, '2026-01-01T00:00:00Z'],
                object: { kind: 'PartialObjectMetadata', metadata: { name: 'web' } },
              },
            ],
          }),
        ],
      ],
    },
    {
      name: 'a column says what it is',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          get(`${widgets}/w`, asTable),
          ok({
            metadata: { resourceVersion: '{{any}}' },
            columnDefinitions: [
              { name: 'Name', type: 'string', format: 'name', description: '{{any}}', priority: 0 },
              { name: 'Size', type: 'integer', format: '', description: 'How big it is.', priority: 0 },
              {
                name: 'Phase',
                type: 'string',
                format: '',
                description: 'Custom resource definition column (in JSONPath format): .status.phase',
                priority: 0,
              },
              { name: 'Ready', type: 'string', format: '', description: '{{any}}', priority: 1 },
              { name: 'Age', type: 'date', format: '', description: '{{any}}', priority: 0 },
            ],
            rows: [{ cells: ['w', 3, null, null, age] }],
          }),
        ],
      ],
    },
    {
      name: 'a condition is shown by its type',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          mergePatch(`${widgets}/w/status`, {
            status: {
              phase: 'Good',
              conditions: [
                { type: 'Other', status: 'No' },
                { type: 'Ready', status: 'True' },
              ],
            },
          }),
          ok(),
        ],
        [get(`${widgets}/w`, asTable), ok({ rows: [{ cells: ['w', 3, 'Good', 'True', age] }] })],
      ],
    },
    {
      name: 'rows bring their objects, or nothing, on request',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [get(`${widgets}?includeObject=Object`, asTable), ok({ rows: [{ object: { kind: 'Widget', spec: { size: 3 } } }] })],
        [get(`${widgets}?includeObject=None`, asTable), ok({}, { whole: { '/rows/0/object': null } })],
      ],
    },
    {
      name: 'Deployments, Services and ConfigMaps show what matters',
      steps: [
        [post(deployments, aDeployment('web')), made()],
        [
          get(`${deployments}/web`, asTable),
          ok({
            columnDefinitions: columns('Name', 'Ready', 'Up-to-date', 'Available', 'Age', 'Containers', 'Images', 'Selector'),
            rows: [{ cells: ['web', '0/0', 0, 0, age, 'web', 'web:1.0', 'app=web'] }],
          }),
        ],
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
          get(`${services}/s`, asTable),
          ok({
            columnDefinitions: columns('Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', 'Selector'),
            rows: [{ cells: ['s', 'ClusterIP', '{{any}}', '<none>', '80/TCP,90/TCP', age, 'app=s'] }],
          }),
        ],
        [post(configMaps, aConfigMap('a', { x: '1', y: '2' })), made()],
        [get(`${configMaps}/a`, asTable), ok({ columnDefinitions: columns('Name', 'Data', 'Age'), rows: [{ cells: ['a', 2, age] }] })],
      ],
    },
    {
      name: 'an empty table still has its columns',
      steps: [
        [
          get(widgets, asTable),
          ok({ columnDefinitions: expect.arrayContaining([expect.objectContaining({ name: 'Size' })]) }, { whole: { '/rows': [] } }),
        ],
      ],
    },
    {
      name: 'an error is no table',
      steps: [[get(`${widgets}/no`, asTable), { code: 404, body: { kind: 'Status', reason: 'NotFound' } }]],
    },
  ],
}
