import { describe, expect, it } from 'vitest'
import { sick, unreachable } from '../support/builders.ts'
import { atWeight, promoted, rolledBack, standing } from './on-stage.ts'

const hour = 3_600_000
const tenYears = 315_360_000_000
const leapSecond = 1000

describe('a server clock that is set', () => {
  it.each([hour, -hour, tenYears, -tenYears, leapSecond, -leapSecond])('by %i ms makes no step come early by local time', async jumpMs => {
    const stage = await atWeight(20)
    const sinceMs = stage.clock.monotonicMs()
    stage.clock.jumpWall(jumpMs)
    stage.monitor.allow('S9') // its times are those of the clock that jumps
    await stage.until(() => stage.weights[1] === 40, 30)
    expect(stage.clock.monotonicMs() - sinceMs).toBeGreaterThan(jumpMs > 0 ? 0 : 8999)
  })

  it.each([hour, -hour, -tenYears, leapSecond, -leapSecond])('by %i ms holds up no rollout for ever', async jumpMs => {
    const stage = await atWeight(20)
    stage.clock.jumpWall(jumpMs)
    stage.monitor.allow('S9')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it.each([-hour, -tenYears])('by %i ms takes no deadline away', async jumpMs => {
    const stage = await atWeight(20)
    stage.clock.jumpWall(jumpMs)
    stage.state.measurements = [unreachable]
    await stage.untilRest('Failed')
    expect(standing(stage)).toEqual(rolledBack)
  })

  it.each([hour, -hour])('by %i ms lets no failed check be forgotten or counted twice', async jumpMs => {
    const stage = await atWeight(20)
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.failedChecks === 1)
    stage.clock.jumpWall(jumpMs)
    await stage.calm()
    expect(stage.status.failedChecks).toBe(1)
    await stage.untilRest('Failed')
    expect(standing(stage)).toEqual(rolledBack)
  })
})

describe('a process that stands still while time goes on', () => {
  it.each([30_000, hour])('for %i ms goes on where it was, one step at a time', async stallMs => {
    const stage = await atWeight(20)
    await stage.edit({ progressDeadlineSeconds: 7200 })
    stage.clock.stall(stallMs)
    await stage.calm()
    expect(stage.weights[1]).toBeLessThanOrEqual(40)
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})
