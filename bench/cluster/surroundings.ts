import { randomUUID } from 'node:crypto'
import { canaryKind, configMapKind, deploymentKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject, keyOf } from '../../src/api/object.ts'
import { sleep, systemClock } from '../../src/clock.ts'
import { type Io, silentLogger } from '../../src/io.ts'
import { createKubeApi } from '../../src/kube/client.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { loadKubeConfig } from '../../src/kube/kube-config.ts'
import { createReflector } from '../../src/kube/reflector.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { answer } from '../answers.ts'
import { httpRouteKind, routeIsTaken } from '../passes/cluster-works.ts'
import { type ClusterDuties, stateCounts } from '../passes/stage.ts'
import { createTally } from '../passes/tally.ts'
import { nameOf, namespaceOf, type Teams, teamObjects } from '../passes/team-objects.ts'
import { entryOf, openTail, type Tail } from './audit-log.ts'
import { createPace, type Pace } from './pace.ts'

/* What stands around a controller on a real cluster, in a process of its own: the teams and their releases, the gateway, and who keeps the books. */

export interface SurroundingsQuestions extends ClusterDuties {
  /** Puts all teams on the cluster. */
  begin(options: Surrounded): Promise<void>
}

export interface Surrounded {
  readonly kubeconfig: string
  readonly auditLog: string
  /** The user whose requests count. */
  readonly user: string
  readonly teams: Teams
}

interface There {
  readonly api: KubeApi
  readonly teams: Teams
  readonly tail: Tail
  readonly user: string
  readonly pace: Pace
  states(): Readonly<Record<string, number>>
}

const clock = systemClock()
const io: Io = { clock, signal: new AbortController().signal, log: silentLogger }
const tally = createTally()
const namespaceKind: KindRef = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }
const kinds: readonly KindRef[] = [configMapKind, deploymentKind, canaryKind]

let found: There | undefined
const there = (): There => {
  if (!found) throw new Error('begin first')
  return found
}

/** So many at once, as people and pipelines would. */
const atOnce = 16

const each = async (count: number, work: (index: number) => Promise<unknown>): Promise<void> => {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const create = (api: KubeApi, object: KubeObject): Promise<unknown> => {
  const kind = kinds.find(ref => ref.kind === object.kind)
  if (!kind) throw new Error(`unexpected kind ${object.kind}`)
  return api.create(kind, object, io)
}

/** Reports each generation of each route as taken. One that changed meanwhile comes again. */
const startGateway = (api: KubeApi): void => {
  const routes = createReflector({ api, kind: httpRouteKind })
  routes.onEvent(({ type, object }) => {
    const status = type === 'deleted' ? undefined : routeIsTaken(object)
    if (status) api.updateStatus(httpRouteKind, { ...object, status }, io).catch(() => {})
  })
  void routes.run(io)
}

const startBooks = (api: KubeApi, pace: Pace): There['states'] => {
  const canaries = createReflector({ api, kind: canaryKind })
  canaries.onEvent(event => {
    if (event.type !== 'updated' || event.before['status'] === event.object['status']) return
    tally.status(event.object, event.before, clock.nowMs())
    pace.status(event.object, event.before, clock.monotonicMs())
  })
  void canaries.run(io)
  return () => stateCounts(canaries.store.list())
}

const begin = async ({ kubeconfig, auditLog, user, teams }: Surrounded): Promise<void> => {
  const access = await loadKubeConfig({ kubeconfig })
  const api = createKubeApi({ transport: createTransport({ ...access, clock, userAgent: 'bench' }), fieldManager: 'team' })
  const pace = createPace(teams.intervalSeconds * 1000)
  startGateway(api)
  const states = startBooks(api, pace)
  await each(teams.namespaces, index =>
    api.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${index}` } }, io),
  )
  await each(teams.canaries, async index => {
    for (const object of teamObjects(index, teams)) await create(api, object)
  })
  found = { api, teams, user, pace, states, tail: await openTail(auditLog) }
}

/** Changes targets one by one, evenly over a time. */
const changeTargets = async (count: number, forMs: number, change: (key: ReturnType<typeof keyOf>) => Promise<unknown>): Promise<void> => {
  const { teams } = there()
  const sinceMs = clock.monotonicMs()
  const changes: Promise<unknown>[] = []
  for (let index = 0; index < count; index += 1) {
    await sleep(clock, Math.max(0, sinceMs + (index / count) * forMs - clock.monotonicMs()))
    changes.push(change({ namespace: namespaceOf(index, teams), name: nameOf(index) }))
  }
  await Promise.all(changes)
}

const questions: SurroundingsQuestions = {
  begin,
  states: () => there().states(),
  annotate: ({ forMs }) => {
    const body = { metadata: { annotations: { 'bench.example/note': randomUUID() } } }
    return changeTargets(there().teams.canaries, forMs, key => there().api.patch(deploymentKind, key, { type: 'merge', body }, io))
  },
  release: ({ count, version, forMs }) => {
    const value = `registry.example/team/app:${version}`
    const body = [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value }]
    return changeTargets(count, forMs, key => there().api.patch(deploymentKind, key, { type: 'json', body }, io))
  },
  take: async () => {
    const { tail, user, pace } = there()
    for (const line of await tail.read()) {
      const entry = entryOf(line, user)
      if (entry) tally.request(entry)
    }
    const latenessMs = pace.take()
    return { ...tally.take(), analyses: latenessMs.length, latenessMs }
  },
}

answer({ ...questions })
