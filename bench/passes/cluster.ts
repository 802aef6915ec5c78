import { randomUUID } from 'node:crypto'
import { customResourceDefinitions } from '../../src/api/crd.ts'
import { canaryKind, configMapKind, deploymentKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { sleep, systemClock } from '../../src/clock.ts'
import { type ApiServer, startApiServer } from '../../src/sandbox/apiserver/server.ts'
import { answer } from '../answers.ts'
import { startClusterWork } from './cluster-works.ts'
import { type ClusterDuties, stateCounts } from './stage.ts'
import { createTally } from './tally.ts'
import { nameOf, namespaceOf, newImage, type Teams, teamObjects } from './team-objects.ts'

/* The embedded API server in a process of its own, with what makes it a cluster, and with the books of what is asked of it. */

export interface ClusterQuestions extends ClusterDuties {
  /** Starts it with all teams on it; answers with a kubeconfig. */
  begin(teams: Teams): Promise<string>
}

const clock = systemClock()
const tally = createTally()
const user = 'controller'

interface Cluster {
  readonly server: ApiServer
  readonly teams: Teams
}

let running: Cluster | undefined

const there = (): Cluster => {
  if (!running) throw new Error('begin first')
  return running
}

const definitions: KindRef = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}
const namespaces: KindRef = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }
const kinds: readonly KindRef[] = [definitions, namespaces, configMapKind, deploymentKind, canaryKind]

const create = (server: ApiServer, object: KubeObject): void => {
  const kind = kinds.find(ref => ref.kind === object.kind)
  if (!kind) throw new Error(`unexpected kind ${object.kind}`)
  server.store.create(kind, object, { manager: 'team' })
}

const begin = async (teams: Teams): Promise<string> => {
  const server = await startApiServer({ clock, onRequest: entry => entry.user === user && tally.request(entry) })
  running = { server, teams }
  for (const definition of customResourceDefinitions()) create(server, definition)
  await sleep(clock, 10) // their conditions follow
  for (let index = 0; index < teams.namespaces; index += 1)
    create(server, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${index}` } })
  startClusterWork(server.store)
  for (let index = 0; index < teams.canaries; index += 1) for (const object of teamObjects(index, teams)) create(server, object)
  server.store.kernel.storage.subscribe('canaries.flagger.app', ({ object, before }) => {
    if (before && before['status'] !== object['status']) tally.status(object, before, clock.nowMs())
  })
  return server.kubeconfig(server.addToken({ name: user, groups: ['system:masters'] }))
}

/** Patches targets one by one, evenly over a time. */
const patchTargets = async (count: number, forMs: number, body: Readonly<Record<string, unknown>>): Promise<void> => {
  const { server, teams } = there()
  const sinceMs = clock.monotonicMs()
  for (let index = 0; index < count; index += 1) {
    await sleep(clock, Math.max(0, sinceMs + (index / count) * forMs - clock.monotonicMs()))
    const key = { namespace: namespaceOf(index, teams), name: nameOf(index) }
    server.store.patch(deploymentKind, key, { type: 'strategic', body, manager: 'team' })
  }
}

const questions: ClusterQuestions = {
  begin,
  states: () => stateCounts(there().server.store.list(canaryKind).items),
  annotate: ({ forMs }) =>
    patchTargets(there().teams.canaries, forMs, { metadata: { annotations: { 'bench.example/note': randomUUID() } } }),
  release: ({ count, version, forMs }) => patchTargets(count, forMs, newImage(version)),
  take: () => tally.take(),
}

answer({ ...questions })
