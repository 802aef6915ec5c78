import type { Deed, Maker } from './deed.ts'
import { sickness } from './outside.ts'

/* What befalls pods, gateways and load. */

export const sickFor = (forMs: number): Deed => ({
  text: `whatever the canary answers is wrong for ${forMs / 1000}s`,
  act: ({ outside, clock }) => {
    outside.contrary.add(sickness)
    clock.schedule(forMs, () => outside.contrary.delete(sickness))
  },
})

export const sicken: Maker = chance => sickFor(chance.whole(5000, 60_000))

export const shake: Maker = chance => {
  const name = chance.pick(['podinfo', 'podinfo-primary'])
  return { disturbance: 'pods fall over', text: `all pods of ${name} fall over`, act: ({ pods }) => pods.shake(name) }
}

export const fill: Maker = chance => {
  const forMs = chance.whole(5000, 90_000)
  return {
    disturbance: 'no room for pods',
    text: `no node takes a new pod for ${forMs / 1000}s`,
    act: ({ pods, clock }) => {
      pods.mood.isFull = true
      clock.schedule(forMs, () => {
        pods.mood.isFull = false
      })
    },
  }
}

/** As when a zone is away: nobody's pods come up, those of the neighbour neither. */
export const fillAllFor = (forMs: number): Deed => ({
  disturbance: 'no room for any pods',
  text: `no node takes a new pod of anybody for ${forMs / 1000}s`,
  act: ({ pods, clock }) => {
    Object.assign(pods.mood, { isFull: true, isFullForAll: true })
    clock.schedule(forMs, () => {
      Object.assign(pods.mood, { isFull: false, isFullForAll: false })
    })
  },
})

export const deafFor = (forMs: number): Deed => ({
  disturbance: 'gateway away',
  text: `the gateway's controller is away for ${forMs / 1000}s`,
  act: ({ mesh, clock }) => {
    mesh.isDeaf = true
    clock.schedule(forMs, () => {
      mesh.isDeaf = false
    })
  },
})

export const deafen: Maker = chance => deafFor(chance.whole(5000, 90_000))

export const load: Maker = chance => {
  const pods = chance.whole(1, 6)
  return {
    text: `the load needs ${pods} pods`,
    act: ({ mesh }) => {
      mesh.load = pods
    },
  }
}

export const witherOf = (name: string, forMs: number): Deed => ({
  disturbance: 'pods stay away',
  text: `all pods of ${name} fall over, and no new ones come up for ${forMs / 1000}s`,
  act: ({ pods, clock }) => {
    pods.mood.withered.add(name)
    pods.shake(name)
    clock.schedule(forMs, () => pods.mood.withered.delete(name))
  },
})

export const wither: Maker = chance => witherOf(chance.pick(['podinfo', 'podinfo-primary']), chance.pick([20_000, 90_000, 200_000]))
