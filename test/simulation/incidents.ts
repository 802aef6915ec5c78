import {
  canaryKind,
  configMapKind,
  controllerRevisionKind,
  deploymentKind,
  horizontalPodAutoscalerKind,
  serviceKind,
} from '../../src/api/kinds.ts'
import type { KindRef } from '../../src/api/object.ts'
import { httpRouteKind } from '../support/team.ts'
import type { Chance } from './chance.ts'
import { type FaultName, faultNames, faultPoints } from './fault-book.ts'
import { gates, providers, type Setup, strategies, strategyNames } from './setup.ts'
import { type Version, versions } from './versions.ts'
import type { SimWorld } from './world.ts'

/** Something that somebody does, or that goes wrong, at one moment of a run. */
export interface Incident {
  readonly atMs: number
  /** In plain words. */
  readonly text: string
  act(world: SimWorld): void
}

type Deed = Omit<Incident, 'atMs'>
type Maker = (chance: Chance, setup: Setup) => Deed

const releaseWords: Readonly<Record<Version, string>> = {
  v1: 'what it began with',
  v2: 'healthy',
  v3: 'half of its requests fail',
  v4: 'its pods crash',
  v5: 'its pods start slowly',
  v6: 'its pods come and go',
  v7: 'its pods crash in the primary',
  v8: 'three of a hundred requests fail',
  v9: 'healthy',
}

const versionNames = Object.keys(versions) as readonly Version[]
const released: readonly Version[] = [...versionNames.filter(name => name !== 'v9'), 'v2', 'v2', 'v3', 'v7']

const release: Maker = chance => {
  const version = chance.pick(released)
  return { text: `${version} is released: ${releaseWords[version]}`, act: ({ hands }) => hands.release(version) }
}

const applyFromGit: Maker = chance => {
  const replicas = chance.pick(['declared', 'left out'] as const)
  const version = chance.pick(['v1', 'v2'] as const)
  return { text: `Git applies the target at ${version}, replicas ${replicas}`, act: ({ hands }) => hands.applyFromGit(replicas, version) }
}

/** Changes of the Canary in mid-run, in words. */
const edits = (chance: Chance): readonly (readonly [string, Readonly<Record<string, unknown>>])[] => {
  const strategy = chance.pick(strategyNames)
  const provider = chance.pick(providers)
  return [
    ['the Canary is suspended', { suspend: true }],
    ['the Canary goes on', { suspend: false }],
    ['the analysis is skipped', { skipAnalysis: true }],
    ['the analysis is no longer skipped', { skipAnalysis: false }],
    ['the interval is 20s', { analysis: { interval: '20s' } }],
    ['the threshold is 1', { analysis: { threshold: 1 } }],
    ['the threshold is 4', { analysis: { threshold: 4 } }],
    ['the steps are of 10 up to 30', { analysis: { stepWeight: 10, maxWeight: 30, stepWeights: null } }],
    [`the strategy is ${strategy}`, { analysis: { ...cleared, ...defined(strategies[strategy]) } }],
    [`the provider is ${provider}`, { provider }],
    ['the progress deadline is 20s', { progressDeadlineSeconds: 20 }],
    ['it may promise to revert on deletion', { revertOnDeletion: true }],
  ]
}
const cleared = {
  stepWeight: 20,
  maxWeight: 40,
  stepWeightPromotion: null,
  stepWeights: null,
  iterations: null,
  mirror: null,
  match: null,
  sessionAffinity: null,
}
/** In a merge patch what is to go is null. */
const defined = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null]))

const edit: Maker = chance => {
  const [text, spec] = chance.pick(edits(chance))
  return { text, act: ({ hands }) => hands.edit(spec) }
}

const owned: readonly (readonly [KindRef, string])[] = [
  [serviceKind, 'podinfo'],
  [serviceKind, 'podinfo-primary'],
  [serviceKind, 'podinfo-canary'],
  [httpRouteKind, 'podinfo'],
  [deploymentKind, 'podinfo-primary'],
  [horizontalPodAutoscalerKind, 'podinfo-primary'],
  [configMapKind, 'podinfo-conf-primary'],
]

const dropOwned: Maker = chance => {
  const [kind, name] = chance.pick(owned)
  return { text: `somebody deletes ${kind.kind} ${name}`, act: ({ hands }) => hands.drop(kind, name) }
}

const dropPins: Maker = chance => {
  const withPrimary = chance.happens(0.6)
  return {
    text: `somebody deletes all pinned templates${withPrimary ? ' and the primary' : ''}`,
    act: ({ hands, store }) => {
      for (const { metadata } of store.storedAll(controllerRevisionKind)) hands.drop(controllerRevisionKind, metadata.name)
      if (withPrimary) hands.drop(deploymentKind, 'podinfo-primary')
    },
  }
}

const dropTarget: Maker = chance => {
  const forMs = chance.whole(1000, 40_000)
  return {
    text: `somebody deletes the target, and makes it again ${forMs / 1000}s later`,
    act: ({ hands, clock }) => {
      hands.drop(deploymentKind, 'podinfo')
      clock.schedule(forMs, hands.restore)
    },
  }
}

const remake: Maker = chance => {
  const forMs = chance.whole(1, 15_000)
  return {
    text: `the Canary is deleted, and made again ${forMs / 1000}s later`,
    act: ({ hands, clock }) => {
      hands.drop(canaryKind, 'podinfo')
      clock.schedule(forMs, hands.restore)
    },
  }
}

const scale: Maker = (chance, { isScaled }) => {
  const name = chance.pick(['podinfo', 'podinfo-primary'])
  const replicas = chance.pick(isScaled ? [1, 3, 4] : [0, 1, 3, 4])
  return { text: `somebody scales ${name} to ${replicas}`, act: ({ hands }) => hands.scale(name, replicas) }
}

const weigh: Maker = chance => {
  const weight = chance.pick([0, 40, 100])
  return { text: `somebody routes ${weight}% to the canary by hand`, act: ({ hands }) => hands.weigh(weight) }
}

const configure: Maker = chance => {
  const color = chance.pick(['red', 'blue', 'green'])
  return { text: `the configuration says ${color}`, act: ({ hands }) => hands.configure(color) }
}

const gate: Maker = chance => {
  const name = chance.pick(gates)
  const forMs = chance.whole(5000, 60_000)
  return {
    text: `the gate ${name} is closed for ${forMs / 1000}s`,
    act: ({ outside, clock }) => {
      outside.contrary.add(name)
      clock.schedule(forMs, () => outside.contrary.delete(name))
    },
  }
}

const askBack: Maker = chance => {
  const forMs = chance.whole(5000, 30_000)
  return {
    text: `somebody asks for a rollback for ${forMs / 1000}s`,
    act: ({ outside, clock }) => {
      outside.contrary.add('rollback')
      clock.schedule(forMs, () => outside.contrary.delete('rollback'))
    },
  }
}

const shake: Maker = chance => {
  const name = chance.pick(['podinfo', 'podinfo-primary'])
  return { text: `all pods of ${name} fall over`, act: ({ pods }) => pods.shake(name) }
}

const fill: Maker = chance => {
  const forMs = chance.whole(5000, 90_000)
  return {
    text: `no node takes a new pod for ${forMs / 1000}s`,
    act: ({ pods, clock }) => {
      pods.mood.isFull = true
      clock.schedule(forMs, () => {
        pods.mood.isFull = false
      })
    },
  }
}

const deafen: Maker = chance => {
  const forMs = chance.whole(5000, 90_000)
  return {
    text: `the gateway's controller is away for ${forMs / 1000}s`,
    act: ({ mesh, clock }) => {
      mesh.isDeaf = true
      clock.schedule(forMs, () => {
        mesh.isDeaf = false
      })
    },
  }
}

const load: Maker = chance => {
  const pods = chance.whole(1, 6)
  return {
    text: `the load needs ${pods} pods`,
    act: ({ mesh }) => {
      mesh.load = pods
    },
  }
}

const nameOfProcess = (chance: Chance, { lease }: Setup): string => (lease ? chance.pick(['a', 'b']) : 'a')

const kill: Maker = (chance, setup) => {
  const name = nameOfProcess(chance, setup)
  return { text: `process ${name} is killed`, act: world => world.kill(name) }
}

const pause: Maker = (chance, setup) => {
  const name = nameOfProcess(chance, setup)
  const forMs = chance.pick([500, 5000, 20_000, 80_000])
  return {
    text: `process ${name} is stopped for ${forMs / 1000}s, and wakes up`,
    act: world =>
      world.withProcess(name, one => {
        one.room.pause()
        world.clock.schedule(forMs, one.room.resume)
      }),
  }
}

const cut: Maker = (chance, setup) => {
  const name = nameOfProcess(chance, setup)
  const forMs = chance.pick([1000, 12_000, 70_000])
  return {
    text: `process ${name} cannot reach the API server for ${forMs / 1000}s`,
    act: world =>
      world.withProcess(name, one => {
        one.cut(true)
        world.clock.schedule(forMs, () => one.cut(false))
      }),
  }
}

const jump: Maker = (chance, setup) => {
  const name = nameOfProcess(chance, setup)
  const hours = chance.pick([-87_600, -1, 1, 87_600])
  return {
    text: `the clock of process ${name} is set by ${hours}h`,
    act: world => world.withProcess(name, one => one.room.jump(hours * 3_600_000)),
  }
}

const lease: Maker = chance => {
  const how = chance.pick(['deleted', 'edited'] as const)
  return { text: `the lease is ${how} by hand`, act: world => world.meddleWithLease(how) }
}

const compact: Maker = () => ({ text: 'the API server forgets its history', act: ({ store }) => store.cluster.compact() })

const struckKinds = ['Canary', 'Deployment', 'HTTPRoute', 'VirtualService', 'Service', 'ControllerRevision', 'Lease', 'ConfigMap'] as const

const weather: Maker = chance => weatherOf(chance.pick(faultNames), chance)

const isAboutObjects = (fault: FaultName): boolean => ['write', 'request', 'list', 'event'].includes(faultPoints[fault])

const weatherOf = (fault: FaultName, chance: Chance): Deed => {
  const kind = isAboutObjects(fault) && chance.happens(0.5) ? chance.pick(struckKinds) : undefined
  const times = chance.pick([1, 1, 1, 2, 5, 12])
  const skip = chance.pick([0, 0, 0, 1, 2, 3, 5, 8])
  const forMs = chance.whole(5000, 60_000)
  const words = [kind ?? 'anything', `${times} times`, ...(skip > 0 ? [`after ${skip}`] : []), `within ${forMs / 1000}s`]
  return {
    text: `${fault}: ${words.join(', ')}`,
    act: ({ book, clock }) =>
      book.add({ fault, times, skip, untilMs: clock.monotonicMs() + forMs, ...(kind === undefined ? {} : { kind }) }),
  }
}

/** Who does what, and how often of a hundred. */
const makers: readonly (readonly [number, Maker, ((setup: Setup) => boolean)?])[] = [
  [22, release],
  [4, applyFromGit],
  [9, edit],
  [4, dropOwned],
  [1, dropPins],
  [1, dropTarget],
  [1, remake],
  [3, scale],
  [2, weigh, ({ provider }) => provider === 'gatewayapi:v1'],
  [3, configure, ({ hasConfig }) => hasConfig],
  [5, gate, ({ isGated }) => isGated],
  [3, askBack, ({ isGated }) => isGated],
  [4, shake],
  [2, fill],
  [2, deafen, ({ provider }) => provider === 'gatewayapi:v1'],
  [2, load, ({ isScaled }) => isScaled],
  [3, kill],
  [3, pause],
  [2, cut],
  [1, jump],
  [3, lease, setup => setup.lease !== undefined],
  [1, compact],
  [30, weather],
]

const makerOf = (chance: Chance, setup: Setup): Maker => {
  const usable = makers.filter(([, , fits]) => fits === undefined || fits(setup))
  const sum = usable.reduce((total, [weight]) => total + weight, 0)
  let left = chance.next() * sum
  for (const [weight, maker] of usable) {
    left -= weight
    if (left < 0) return maker
  }
  return release
}

const pauses = [
  [1, 300],
  [300, 3000],
  [3000, 12_000],
  [5000, 25_000],
  [10_000, 60_000],
] as const

/** What happens in one run, in order. */
export const drawIncidents = (chance: Chance, setup: Setup): readonly Incident[] => {
  let atMs = chance.happens(0.2) ? 0 : chance.whole(4000, 9000)
  const count = chance.whole(2, 14)
  return Array.from({ length: count }, (_, index) => {
    const make = index === 0 && chance.happens(0.7) ? release : makerOf(chance, setup)
    const [least, most] = chance.pick(pauses)
    atMs += chance.whole(least, most)
    return { atMs, ...make(chance, setup) }
  })
}
