import type { Chance } from './chance.ts'
import type { Deed, Maker } from './deed.ts'
import { type FaultName, faultNames, faultPoints } from './fault-book.ts'
import type { Setup } from './setup.ts'

/* What befalls Serin's own processes, and what they talk to. */

const nameOfProcess = (chance: Chance, { lease }: Setup): string => (lease ? chance.pick(['a', 'b']) : 'a')

export const kill: Maker = (chance, setup) => {
  const name = nameOfProcess(chance, setup)
  return { disturbance: 'process killed', text: `process ${name} is killed`, act: world => world.kill(name) }
}

export const killAll: Deed = {
  disturbance: 'process killed',
  text: 'all processes are killed',
  act: world => {
    for (const name of ['a', 'b']) world.kill(name)
  },
}

export const pause: Maker = (chance, setup) => {
  const name = nameOfProcess(chance, setup)
  const forMs = chance.pick([500, 5000, 20_000, 80_000])
  return {
    disturbance: 'process stopped',
    text: `process ${name} is stopped for ${forMs / 1000}s, and wakes up`,
    act: world =>
      world.withProcess(name, one => {
        one.room.pause()
        world.clock.schedule(forMs, one.room.resume)
      }),
  }
}

export const cut: Maker = (chance, setup) => {
  const name = nameOfProcess(chance, setup)
  const forMs = chance.pick([1000, 12_000, 70_000])
  return {
    disturbance: 'network cut',
    text: `process ${name} cannot reach the API server for ${forMs / 1000}s`,
    act: world =>
      world.withProcess(name, one => {
        one.cut(true)
        world.clock.schedule(forMs, () => one.cut(false))
      }),
  }
}

export const jump: Maker = (chance, setup) => {
  const name = nameOfProcess(chance, setup)
  const hours = chance.pick([-87_600, -1, 1, 87_600])
  return {
    disturbance: 'clock set',
    text: `the clock of process ${name} is set by ${hours}h`,
    act: world => world.withProcess(name, one => one.room.jump(hours * 3_600_000)),
  }
}

export const lease: Maker = chance => {
  const how = chance.pick(['deleted', 'edited'] as const)
  return { disturbance: `lease ${how}`, text: `the lease is ${how} by hand`, act: world => world.meddleWithLease(how) }
}

export const compact: Maker = () => ({
  disturbance: 'history compacted',
  text: 'the API server forgets its history',
  act: ({ store }) => store.cluster.compact(),
})

const struckKinds = ['Canary', 'Deployment', 'HTTPRoute', 'VirtualService', 'Service', 'ControllerRevision', 'Lease', 'ConfigMap'] as const

export const weather: Maker = chance => weatherOf(chance.pick(faultNames), chance)

const isAboutObjects = (fault: FaultName): boolean => ['write', 'request', 'list', 'event'].includes(faultPoints[fault])

export const weatherOf = (fault: FaultName, chance: Chance): Deed => {
  const kind = isAboutObjects(fault) && chance.happens(0.5) ? chance.pick(struckKinds) : undefined
  const times = chance.pick([1, 1, 1, 2, 5, 12])
  const skip = chance.pick([0, 0, 0, 1, 2, 3, 5, 8])
  return spell({ fault, kind, times, skip, forMs: chance.whole(5000, 60_000) })
}

/** It strikes the first two times that it can. */
export const surely = (fault: FaultName): Deed => spell({ fault, kind: undefined, times: 2, skip: 0, forMs: 60_000 })

interface Spell {
  readonly fault: FaultName
  readonly kind: string | undefined
  readonly times: number
  readonly skip: number
  readonly forMs: number
}

const spell = ({ fault, kind, times, skip, forMs }: Spell): Deed => {
  const words = [kind ?? 'anything', `${times} times`, ...(skip > 0 ? [`after ${skip}`] : []), `within ${forMs / 1000}s`]
  return {
    text: `${fault}: ${words.join(', ')}`,
    act: ({ book, clock, store }) => {
      const untilMs = clock.monotonicMs() + forMs
      book.add({ fault, times, skip, untilMs, ...(kind === undefined ? {} : { kind }) })
      if (fault !== 'stale list') return
      // Lists are rare: watches that break where their past is forgotten bring them about.
      store.cluster.compact()
      book.add({ fault: 'watch broken', times: 6, skip: 0, untilMs })
    },
  }
}

/** One fault at every occasion, for longer than any deadline. */
export const persistent = ({ fault, kind }: { readonly fault: FaultName; readonly kind?: string }): Deed => ({
  text: `${fault}${kind === undefined ? '' : ` (${kind})`}, again and again for 100s`,
  act: ({ book, clock }) =>
    book.add({ fault, times: 1000, skip: 0, untilMs: clock.monotonicMs() + 100_000, ...(kind === undefined ? {} : { kind }) }),
})
