import { canaryKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { RolloutState } from '../../src/api/phases.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { leaseKind } from '../../src/kube/lease.ts'
import { imageOf } from '../support/cluster-hands.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { type Chance, createChance } from './chance.ts'
import { createFaultBook, type FaultBook, faultPoints } from './fault-book.ts'
import { createKnativeRoom } from './knative-room.ts'
import { createMeshRoom, type MeshRoom } from './mesh-room.ts'
import { createNeighbour, type Neighbour } from './neighbour.ts'
import type { OutsideMood } from './outside.ts'
import { createPodRoom, type PodRoom } from './pod-room.ts'
import { type Author, type SimProcess, startProcess } from './process.ts'
import { createServiceRoom } from './service-room.ts'
import { manifestsOf, neighbourNamespace, neighbourOf, rivalOf, type Setup } from './setup.ts'
import { canaryOf, createSimStore, namespaceKind, namespaceOf, type SimStore, trafficOf } from './sim-store.ts'
import { createSliceRoom } from './slice-room.ts'
import { createTeamHands, type TeamHands } from './team-hands.ts'
import { createTrace, type Trace } from './trace.ts'
import { targets } from './tracks.ts'
import { qualityOf } from './versions.ts'
import { createWatcher, type Watcher } from './watcher.ts'

/** A cluster with Serin in it, of which everything but Serin itself is made up, and all that happens is decided by a seed. */
export interface SimWorld {
  readonly clock: VirtualClock
  readonly store: SimStore
  readonly book: FaultBook
  readonly pods: PodRoom
  readonly mesh: MeshRoom
  readonly outside: OutsideMood
  readonly hands: TeamHands
  readonly trace: Trace
  readonly watcher: Watcher
  readonly neighbour: Neighbour | undefined
  readonly setup: Setup
  /** What went wrong so far, by name. */
  readonly faults: Set<string>
  /** Does something so long after a state is recorded for the first time from now on, or at once where it is recorded; never after `heal`. */
  once(state: RolloutState, delayMs: number, task: () => void): void
  /** Machine states that were recorded so far. */
  readonly states: ReadonlySet<string>
  /** Reads and writes of all processes so far, without watches, Leases and Events. */
  requests(): number
  kill(name: string): void
  withProcess(name: string, act: (process: SimProcess) => void): void
  meddleWithLease(how: 'deleted' | 'edited'): void
  /** All faults stop: whatever is broken is mended, nothing else breaks. */
  heal(): void
  canary(): KubeObject | undefined
  /** Asks the Canary to go. */
  drop(): void
  /** Nobody looks at it any more. */
  end(): void
}

const teamKey = { namespace: 'test', name: 'podinfo' }
const leaseKey = { namespace: 'serin', name: 'serin-leader-election' }

const writeText = ({ verb, kind, key, body, after }: AcceptedWrite, { process }: Author): string => {
  const status = verb === 'updateStatus' ? (body as { status?: Record<string, unknown> }).status : undefined
  const words = status ? ` ${status['state'] ?? status['phase']} ${status['canaryWeight'] ?? 0}%` : ''
  const spec = (after?.['spec'] ?? {}) as Record<string, unknown>
  const place = key.namespace === neighbourNamespace ? `${key.namespace}/` : ''
  const detail = kind.kind === 'Deployment' ? ` ${spec['replicas']} of ${after && imageOf(after)}` : ''
  return `${process}: ${verb} ${kind.kind} ${place}${key.name}${words}${detail}`
}

/** Younger by the seconds of the server's clock. */
const rivalMs = 3000

/** What goes wrong there hits only the team that asks. */
const ownPoints: readonly string[] = ['question', 'hook', 'message']

const quietKinds = ['Lease', 'Event']

export const createWorld = (setup: Setup, seed: number): SimWorld => {
  const chance: Chance = createChance(seed).apart('world')
  const clock = new VirtualClock()
  const trace = createTrace(clock)
  const store = createSimStore(clock, chance.apart('uids').next)
  const faults = new Set<string>()
  const states = new Set<string>()
  const book = createFaultBook(clock, (fault, { process, kind }) => {
    faults.add(fault)
    watcher.disturbed()
    if (!ownPoints.includes(faultPoints[fault])) neighbour?.disturbed()
    trace.say(`${process}: ${fault}${kind === undefined ? '' : ` (${kind})`}`)
  })
  const watcher = createWatcher({
    clock,
    store,
    target: setup.target,
    hasNeighbour: setup.company === 'a neighbour',
    onViolation: text => trace.say(`VIOLATION ${text}`),
  })
  const neighbours = neighbourOf(setup)
  const neighbour = neighbours.length === 0 ? undefined : createNeighbour({ clock, store, report: watcher.report })
  const hands = createTeamHands({ store, setup, onConflict: message => watcher.report(`G10: ${message}`) })
  const outside: OutsideMood = { contrary: new Set() }
  const shareOf = (name: string): number => {
    const traffic = trafficOf(store)
    if (!traffic) return 100
    return name.endsWith('-primary') ? traffic.primary : traffic.canary
  }
  const pods = createPodRoom({ clock, chance: chance.apart('pods'), store })
  const services = createServiceRoom({ clock, chance: chance.apart('services'), store, mood: pods.mood })
  createKnativeRoom({ clock, chance: chance.apart('knative'), store, isDeaf: () => mesh.isDeaf, mood: pods.mood })
  createSliceRoom({ clock, chance: chance.apart('slices'), store })
  const mesh = createMeshRoom({ clock, chance: chance.apart('mesh'), store, shareOf })
  const processes = new Map<string, SimProcess>()
  const started: SimProcess[] = []
  let requests = 0
  let isHealed = false

  /** Percent of the canary's requests that succeed. A release that nobody calls shows nothing; blue/green calls it by its load tests. */
  const truth = (): number | undefined => {
    const target = targets[setup.target].target(store)
    const traffic = trafficOf(store)
    const isCalled = setup.strategy.includes('blue/green') || setup.provider === 'kubernetes'
    if (!target || !traffic || !(traffic.canary > 0 || traffic.mirrored || isCalled)) return undefined
    return qualityOf(target.image).successRate
  }

  let waiting: { readonly state: RolloutState; readonly happen: () => void }[] = []
  const recorded = (state: RolloutState): void => {
    states.add(state)
    const due = waiting.filter(one => one.state === state)
    waiting = waiting.filter(one => one.state !== state)
    for (const { happen } of due) happen()
  }

  const hear = (write: AcceptedWrite, author: Author): void => {
    const { verb, kind, key, after } = write
    watcher.said(author.process, `${kind.kind} ${key.name}`, write.body)
    if (quietKinds.includes(kind.kind)) return
    trace.say(writeText(write, author))
    if (key.namespace === neighbourNamespace) neighbour?.wrote(write)
    else if (verb === 'updateStatus' && kind.kind === canaryKind.kind && key.name === teamKey.name && after)
      recorded(stateOf(canaryOf(after).status))
    watcher.wrote(write, author)
  }

  const start = (name: string): void => {
    const process = startProcess({
      name,
      clock,
      chance: chance.apart(`process ${name} ${started.length + 1}`),
      book,
      store,
      ...(setup.lease ? { lease: setup.lease } : {}),
      mood: outside,
      news: watcher,
      truth,
      onRequest: ({ verb, kind, key }) => {
        if (verb === 'watch' || quietKinds.includes(kind.kind) || key.namespace === neighbourNamespace) return
        requests += 1
        watcher.asked(name)
      },
      onWrite: hear,
      onLog: (fields, message) => watcher.said(name, `the log: ${message}`, fields),
      onOverlap: text => watcher.report(`S14: ${text}`),
      onDeath: () => {
        trace.say(`${name}: is dead`)
        clock.schedule(isHealed ? 100 : chance.pick([10, 1000, 8000, 25_000]), () => start(name))
      },
    })
    trace.say(`${name}: starts`)
    watcher.begins(name)
    processes.set(name, process)
    started.push(process)
  }

  for (const object of manifestsOf(setup)) hands.create(object)
  if (neighbour) store.cluster.create(namespaceKind, namespaceOf(neighbourNamespace))
  for (const object of neighbours) hands.create(object)
  const rival = rivalOf(setup)
  if (rival)
    clock.schedule(rivalMs, () => {
      if (store.stored(canaryKind, teamKey)) hands.create(rival)
    })
  for (const name of setup.lease ? ['a', 'b'] : ['a']) start(name)

  const withProcess = (name: string, act: (process: SimProcess) => void): void => {
    const process = processes.get(name)
    if (process?.room.isAlive) act(process)
  }

  return {
    clock,
    store,
    book,
    pods: {
      mood: pods.mood,
      shake: name => {
        pods.shake(name)
        services.shake(name)
      },
    },
    mesh,
    outside,
    hands,
    trace,
    watcher,
    neighbour,
    setup,
    faults,
    states,
    once: (state, delayMs, task) => {
      const happen = (): void =>
        void clock.schedule(delayMs, () => {
          if (!isHealed) task()
        })
      const found = store.stored(canaryKind, teamKey)
      if (found && stateOf(canaryOf(found).status) === state) happen()
      else waiting.push({ state, happen })
    },
    requests: () => requests,
    kill: name => withProcess(name, ({ room }) => room.die()),
    withProcess,
    meddleWithLease: how => {
      if (!store.stored(leaseKind, leaseKey)) return
      watcher.pardonLeaders(setup.lease?.renewDeadlineMs ?? 0)
      const body = { spec: { holderIdentity: 'somebody', leaseTransitions: 7 } }
      if (how === 'deleted') store.cluster.delete(leaseKind, leaseKey)
      else store.cluster.patch(leaseKind, leaseKey, { type: 'merge', body, manager: 'kubectl-edit' })
    },
    heal: () => {
      isHealed = true
      neighbour?.retire()
      book.clear()
      outside.contrary.clear()
      pods.mood.isFull = false
      pods.mood.isFullForAll = false
      pods.mood.withered.clear()
      mesh.isDeaf = false
      for (const { room, cut } of processes.values()) {
        room.resume()
        cut(false)
      }
    },
    canary: () => store.stored(canaryKind, teamKey),
    drop: () => hands.drop(canaryKind, 'podinfo'),
    end: () => {
      for (const process of started) process.end()
    },
  }
}
