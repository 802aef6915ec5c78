import { describe, expect, it } from 'vitest'
import { allOf, contactHealth, createProgressWatch, filledHealth } from '../../src/telemetry/liveness.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

describe('progress', () => {
  it('is well while nothing is due', async () => {
    const clock = new VirtualClock()
    const watch = createProgressWatch(clock, 30_000)
    await clock.advance(3_600_000)
    expect(watch.health()).toBeUndefined()
  })

  it('is missing when work waits and none moves', async () => {
    const clock = new VirtualClock()
    const watch = createProgressWatch(clock, 30_000)
    watch.depth(2)
    await clock.advance(30_001)
    expect(watch.health()).toBe('2 canaries are due and none was worked on for 30.001s')
  })

  it('is measured from when the work came due', async () => {
    const clock = new VirtualClock()
    const watch = createProgressWatch(clock, 30_000)
    await clock.advance(3_600_000)
    watch.depth(1)
    await clock.advance(30_000)
    expect(watch.health()).toBeUndefined()
  })

  it.each(['started', 'finished'] as const)('is seen when work %s', async move => {
    const clock = new VirtualClock()
    const watch = createProgressWatch(clock, 30_000)
    watch.depth(5)
    await clock.advance(29_000)
    watch[move]()
    watch.depth(4)
    await clock.advance(29_000)
    expect(watch.health()).toBeUndefined()
  })

  it('does not mind slow work when nobody waits', async () => {
    const clock = new VirtualClock()
    const watch = createProgressWatch(clock, 30_000)
    watch.depth(1)
    watch.started()
    watch.depth(0)
    await clock.advance(600_000)
    expect(watch.health()).toBeUndefined()
  })
})

describe('contact', () => {
  const contactsAt = (clock: VirtualClock, lastMs: number) => () => [
    { kind: { plural: 'deployments' }, lastContactMs: () => clock.monotonicMs() },
    { kind: { plural: 'canaries' }, lastContactMs: () => lastMs },
  ]

  it('is well while every kind was heard of lately', async () => {
    const clock = new VirtualClock()
    const health = contactHealth(clock, contactsAt(clock, 0), 180_000)
    await clock.advance(180_000)
    expect(health()).toBeUndefined()
  })

  it('is lost when one kind is silent for too long', async () => {
    const clock = new VirtualClock()
    const health = contactHealth(clock, contactsAt(clock, 0), 180_000)
    await clock.advance(181_000)
    expect(health()).toBe('nothing was heard of canaries for 3m1s')
  })
})

describe('caches', () => {
  const cache = (plural: string, filled: boolean) => ({ kind: { plural }, hasSynced: () => filled })

  it('are well when all are filled', () => {
    expect(filledHealth(() => [cache('canaries', true), cache('secrets', true)])()).toBeUndefined()
  })

  it('are named that are not', () => {
    const all = [cache('canaries', true), cache('secrets', false), cache('services', false)]
    expect(filledHealth(() => all)()).toBe('caches are still being filled: secrets, services')
  })
})

it('several parts are well when all of them are, else the first that is not speaks', () => {
  const well = () => undefined
  expect(allOf(well, well)()).toBeUndefined()
  expect(
    allOf(
      well,
      () => 'first',
      () => 'second',
    )(),
  ).toBe('first')
})
