import { expect } from 'vitest'
import { type Chapter, get, ok } from '../contract-case.ts'

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
const holding = (...items: readonly unknown[]) => expect.arrayContaining(items.map(item => expect.objectContaining(item as object)))
const sorted = (...verbs: readonly string[]) => expect.arrayContaining([...verbs])
const allVerbs = sorted('create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch')

/** What clients read before their first request. */
export const discovery: Chapter = {
  about: 'discovery',
  cases: [
    {
      name: 'the core group has one version',
      steps: [
        [
          get('/api'),
          ok({
            kind: 'APIVersions',
            versions: ['v1'],
            serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '{{any}}' }],
          }),
        ],
      ],
    },
    {
      name: 'groups name the version they prefer',
      steps: [
        [
          get('/apis'),
          ok({
            kind: 'APIGroupList',
            groups: holding(
              {
                name: 'apps',
                versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
                preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
              },
              { name: 'flagger.app', preferredVersion: { groupVersion: 'flagger.app/v1beta1', version: 'v1beta1' } },
            ),
          }),
          { eventually: true },
        ],
        [
          get('/apis/flagger.app'),
          ok({
            kind: 'APIGroup',
            name: 'flagger.app',
            versions: [{ groupVersion: 'flagger.app/v1beta1' }, { groupVersion: 'flagger.app/v1alpha3' }],
          }),
          { eventually: true },
        ],
      ],
    },
    {
      name: 'a version names its resources',
      steps: [
        [
          get('/api/v1'),
          ok({
            kind: 'APIResourceList',
            groupVersion: 'v1',
            resources: holding(
              { name: 'configmaps', singularName: 'configmap', namespaced: true, kind: 'ConfigMap', shortNames: ['cm'], verbs: allVerbs },
              { name: 'pods/binding', kind: 'Binding', verbs: ['create'] },
              { name: 'namespaces', namespaced: false, shortNames: ['ns'] },
            ),
          }),
        ],
        [
          get('/apis/apps/v1'),
          ok({
            resources: holding(
              { name: 'deployments', singularName: 'deployment', categories: ['all'], shortNames: ['deploy'], verbs: allVerbs },
              { name: 'deployments/scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] },
              { name: 'deployments/status', kind: 'Deployment', verbs: ['get', 'patch', 'update'] },
            ),
          }),
        ],
      ],
    },
    {
      name: 'a version names the resources of definitions',
      steps: [
        [
          get('/apis/contract.serin.test/v1'),
          ok({
            groupVersion: 'contract.serin.test/v1',
            resources: holding(
              {
                name: 'widgets',
                singularName: 'widget',
                namespaced: true,
                kind: 'Widget',
                verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
                shortNames: ['wd'],
                categories: ['contract'],
                storageVersionHash: expect.any(String),
              },
              { name: 'widgets/status', kind: 'Widget', verbs: ['get', 'patch', 'update'] },
              { name: 'widgets/scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] },
            ),
          }),
          { eventually: true },
        ],
      ],
    },
    {
      name: 'all groups may be had at once',
      steps: [
        [
          get('/apis', { accept: aggregated }),
          ok({
            kind: 'APIGroupDiscoveryList',
            apiVersion: 'apidiscovery.k8s.io/v2',
            items: holding({
              metadata: expect.objectContaining({ name: 'contract.serin.test' }),
              versions: [
                expect.objectContaining({
                  version: 'v1',
                  freshness: 'Current',
                  resources: [
                    expect.objectContaining({
                      resource: 'widgets',
                      responseKind: { group: 'contract.serin.test', version: 'v1', kind: 'Widget' },
                      scope: 'Namespaced',
                      singularResource: 'widget',
                      verbs: allVerbs,
                      subresources: holding({ subresource: 'status' }, { subresource: 'scale' }),
                    }),
                  ],
                }),
                expect.objectContaining({ version: 'v1alpha1' }),
              ],
            }),
          }),
          { eventually: true },
        ],
      ],
    },
    {
      name: 'OpenAPI tells of every group and of the fields of every kind',
      steps: [
        [
          get('/openapi/v3'),
          ok({ paths: { 'apis/flagger.app/v1beta1': { serverRelativeURL: '{{any}}' }, 'api/v1': {}, 'apis/apps/v1': {} } }),
          { eventually: true },
        ],
        [
          get('/openapi/v3/apis/contract.serin.test/v1'),
          ok({
            openapi: '3.0.0',
            components: {
              schemas: {
                'test.serin.contract.v1.Widget': {
                  type: 'object',
                  properties: { spec: { properties: { size: { type: 'integer', minimum: 1 } } } },
                  'x-kubernetes-group-version-kind': [{ group: 'contract.serin.test', kind: 'Widget', version: 'v1' }],
                },
              },
            },
          }),
          { eventually: true },
        ],
        [
          get('/openapi/v3/apis/apps/v1'),
          ok({ components: { schemas: { 'io.k8s.api.apps.v1.Deployment': { properties: { spec: {} } } } } }),
        ],
      ],
    },
    {
      name: 'OpenAPI 2 is there for old clients',
      steps: [
        [
          get('/openapi/v2'),
          ok({
            swagger: '2.0',
            definitions: { 'io.k8s.api.apps.v1.Deployment': { type: 'object' }, 'test.serin.contract.v1.Widget': { type: 'object' } },
          }),
          { eventually: true },
        ],
      ],
    },
  ],
}
