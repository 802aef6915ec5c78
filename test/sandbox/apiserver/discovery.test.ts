import { expect, it } from 'vitest'
import { definitions } from './a-cluster.ts'
import { aServer, type TestServer } from './a-server.ts'

const gadgets = (one: TestServer) =>
  one.server.store.create(definitions, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gadgets', kind: 'Gadget', shortNames: ['gd'], categories: ['all'] },
      versions: ['v1beta1', 'v1', 'v1alpha3'].map(name => ({
        name,
        served: true,
        storage: name === 'v1',
        subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } },
        },
      })),
    },
  })

it('lists the core kinds with their verbs and subresources', async () => {
  await using one = await aServer()
  const { body } = await one.ask('/api/v1')
  expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' })
  expect(body.resources.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['pods', 'pods/status', 'namespaces', 'events']),
  )
})

it('lists groups with their best version first', async () => {
  await using one = await aServer()
  gadgets(one)
  const { body } = await one.ask('/apis/example.com')
  expect(body.versions.map(({ version }: { version: string }) => version)).toEqual(['v1', 'v1beta1', 'v1alpha3'])
})

it('tells everything at once to who asks for it', async () => {
  await using one = await aServer()
  gadgets(one)
  const { body, headers } = await one.ask('/apis', {
    headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
  })
  expect(headers.get('content-type')).toContain('as=APIGroupDiscoveryList')
  const group = body.items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === 'example.com')
  expect(group.versions[0].resources).toMatchObject([
    {
      resource: 'gadgets',
      scope: 'Namespaced',
      shortNames: ['gd'],
      categories: ['all'],
      subresources: [{ subresource: 'status' }, { subresource: 'scale', responseKind: { kind: 'Scale' } }],
    },
  ])
})

it('forgets a kind whose definition is gone', async () => {
  await using one = await aServer()
  gadgets(one)
  one.server.store.delete(definitions, { namespace: '', name: 'gadgets.example.com' })
  await one.clock.advance(1)
  expect((await one.ask('/apis/example.com/v1')).code).toBe(404)
})

it('publishes a document for every group and version', async () => {
  await using one = await aServer()
  gadgets(one)
  const { body } = await one.ask('/openapi/v3')
  const paths: string[] = Object.values(body.paths as Record<string, { serverRelativeURL: string }>).map(
    ({ serverRelativeURL }) => serverRelativeURL,
  )
  const codes = await Promise.all(paths.map(async path => (await one.ask(path)).code))
  expect(new Set(codes)).toEqual(new Set([200]))
})

it('says that the server validates fields, which is why kubectl need not', async () => {
  await using one = await aServer()
  const { body } = await one.ask('/openapi/v3/apis/apps/v1')
  const { patch } = body.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']
  expect(patch).toMatchObject({ 'x-kubernetes-group-version-kind': { group: 'apps', version: 'v1', kind: 'Deployment' } })
  expect(patch.parameters).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'fieldValidation' })]))
})

it('resolves every reference of a document inside it', async () => {
  await using one = await aServer()
  const { body } = await one.ask('/openapi/v3/api/v1')
  const references = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '')
  expect(references.filter(name => !(name in body.components.schemas))).toEqual([])
})

it('tells which version of Kubernetes it follows', async () => {
  await using one = await aServer()
  expect((await one.ask('/version')).body).toMatchObject({ major: '1', minor: '36' })
})
