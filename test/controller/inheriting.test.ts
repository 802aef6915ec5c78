import { afterAll, beforeAll, expect, it } from 'vitest'
import { configMapKind, deploymentKind } from '../../src/api/kinds.ts'
import { formerFieldManager } from '../../src/api/marks.ts'
import type { KindRef, KubeObject, Manifest } from '../../src/api/object.ts'
import { systemClock } from '../../src/clock.ts'
import { type ConfigCopier, createConfigCopier } from '../../src/controller/config-copier.ts'
import { type Converger, createConverger } from '../../src/controller/converge.ts'
import { silentLogger } from '../../src/io.ts'
import { type Connection, connect } from '../../src/kube/connect.ts'
import { metadataOnly } from '../../src/kube/projections.ts'
import { startApiServer } from '../../src/sandbox/apiserver/server.ts'
import { digestOf } from '../../src/targets/config-tracking.ts'
import { aCanary } from '../support/builders.ts'
import { flags } from '../targets/world.ts'

/*
 * What another controller wrote on an API server that keeps count of who owns which field, and what becomes of it in our hands.
 */

let server: Awaited<ReturnType<typeof startApiServer>>
let serin: Connection
let former: Connection
let git: Connection
let converger: Converger
let copier: ConfigCopier
const stop = new AbortController()
const io = { clock: systemClock(), log: silentLogger, signal: stop.signal, stopping: stop.signal }

beforeAll(async () => {
  server = await startApiServer({ clock: systemClock() })
  const access = { server: server.url, token: server.adminToken, clock: systemClock() }
  const own = { wrote() {}, deleted() {}, newest: () => undefined, heard: () => false }
  serin = connect(access)
  former = connect({ ...access, fieldManager: formerFieldManager, userAgent: formerFieldManager })
  git = connect({ ...access, fieldManager: 'git' })
  copier = createConfigCopier(serin.api, own, flags)
  converger = createConverger({ api: serin.api, own, configs: copier })
  const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } }
  await serin.api.create({ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }, namespace, io)
})
afterAll(async () => {
  await Promise.all([serin, former, git].map(connection => connection.close()))
  await server.stop()
})

const stored = async (kind: KindRef, name: string): Promise<KubeObject> => {
  const found = await serin.api.get(kind, { namespace: 'test', name }, io)
  if (!found) throw new Error(`${name} is gone`)
  return found
}

const managersOf = ({ metadata }: KubeObject): readonly unknown[] => (metadata.managedFields ?? []).map(({ manager }) => manager)

const primary = (variables: readonly string[]): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'app-primary', namespace: 'test' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'app-primary' } },
    template: {
      metadata: { labels: { app: 'app-primary' } },
      spec: { containers: [{ name: 'web', image: 'demo:v1', env: variables.map(name => ({ name, value: 'x' })) }] },
    },
  },
})

const variablesOf = (object: KubeObject): readonly string[] => {
  const { template } = object['spec'] as {
    readonly template: { readonly spec: { readonly containers: readonly { readonly env?: readonly { readonly name: string }[] }[] } }
  }
  return (template.spec.containers[0]?.env ?? []).map(({ name }) => name)
}

it('takes a variable from a primary of another controller that a later revision drops', async () => {
  await former.api.create(deploymentKind, primary(['A', 'B']), io)
  const applied = await serin.api.apply(deploymentKind, primary(['A', 'B']), io)
  await converger.converge([{ verb: 'patch', name: 'inherit', kind: deploymentKind, object: applied, body: {}, done: false }], io)
  expect(managersOf(await stored(deploymentKind, 'app-primary'))).toEqual(['serin'])
  await serin.api.apply(deploymentKind, primary(['A']), io)
  expect(variablesOf(await stored(deploymentKind, 'app-primary'))).toEqual(['A'])
})

it('leaves Git no conflict over replicas that another controller wrote', async () => {
  const key = { namespace: 'test', name: 'app' }
  await git.api.apply(deploymentKind, { ...primary([]), metadata: key }, io)
  const parked = await former.api.patch(deploymentKind, key, { type: 'merge', body: { spec: { replicas: 0 } } }, io)
  expect(managersOf(parked)).toEqual(['git', 'flagger'])
  await converger.converge([{ verb: 'patch', name: 'give back', kind: deploymentKind, object: parked, body: {}, done: false }], io)
  expect(managersOf(await stored(deploymentKind, 'app'))).toEqual(['git'])
})

const config = (name: string, data: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'test' },
  data,
})

it('has a copy of another controller hold what its source holds, and nothing else', async () => {
  const source = await serin.api.create(configMapKind, config('conf', { color: 'red' }), io)
  const canary = aCanary({ metadata: { uid: source.metadata.uid ?? '' } }) // an owner that exists: else the copy would go at once
  const { name, uid = '' } = canary.metadata
  const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name, uid, controller: true }
  const copy = config('conf-primary', { color: 'blue', stale: 'yes' })
  const old = await former.api.create(configMapKind, { ...copy, metadata: { ...copy.metadata, ownerReferences: [owner] } }, io)
  const live = metadataOnly(old)
  const key = { namespace: 'test', name: 'conf' }
  await copier.copy({ kind: configMapKind, source: key, digest: digestOf(source), live, canary }, io)
  const taken = await stored(configMapKind, 'conf-primary')
  expect([taken['data'], managersOf(taken)]).toEqual([{ color: 'red' }, ['serin']])
})
