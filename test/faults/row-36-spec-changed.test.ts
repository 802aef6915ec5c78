import { describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { sick } from '../support/builders.ts'
import { httpRouteKind } from '../support/team.ts'
import { atWeight, promoted, rolledBack, standing } from './on-stage.ts'

describe('an edit of the Canary in mid-run', () => {
  it('of its interval counts from the next step on', async () => {
    const stage = await atWeight(20)
    await stage.editAnalysis({ interval: '30s' })
    stage.monitor.allow('S9') // measures the step that is under way by the interval that follows it
    await stage.until(() => stage.weights[1] === 40)
    const sinceMs = stage.clock.monotonicMs()
    await stage.until(() => stage.phase !== 'Progressing')
    expect(stage.clock.monotonicMs() - sinceMs).toBeGreaterThanOrEqual(29_000)
  })

  it('of its interval again and again never brings a step forward, and never has two under way', async () => {
    const stage = await atWeight(20)
    const sinceMs = stage.clock.monotonicMs()
    for (const interval of ['11s', '12s', '10s', '15s', '10s']) {
      await stage.editAnalysis({ interval })
      await stage.pass(1)
    }
    await stage.until(() => stage.weights[1] === 40)
    expect(stage.clock.monotonicMs() - sinceMs).toBeGreaterThanOrEqual(9000)
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('of its weights goes on with the next one above the present weight', async () => {
    const stage = await atWeight(20)
    await stage.editAnalysis({ stepWeight: 5, maxWeight: 30 })
    const seen = new Set<number | undefined>()
    await stage.until(() => {
      if (stage.phase === 'Progressing') seen.add(stage.weights[1])
      return stage.phase !== 'Progressing'
    })
    expect([...seen]).toEqual([20, 25, 30])
  })

  it('of its threshold down to what has failed rolls back', async () => {
    const stage = await atWeight(20)
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.failedChecks === 1)
    await stage.editAnalysis({ threshold: 1 })
    await stage.untilRest('Failed')
    expect(standing(stage)).toEqual(rolledBack)
  })

  it('of its threshold upwards forgets nothing that has failed', async () => {
    const stage = await atWeight(20)
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.failedChecks === 1)
    await stage.editAnalysis({ threshold: 3 })
    expect(stage.status.failedChecks).toBe(1)
    await stage.untilRest('Failed')
    expect(standing(stage)).toEqual(rolledBack)
  })

  it('of its provider leaves no route of the former layer behind', async () => {
    const stage = await atWeight(20)
    await stage.edit({ provider: 'istio' })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual({ ...promoted, weights: [0, 0] })
    expect(stage.api.storedAll(httpRouteKind)).toEqual([])
  })

  it('to a provider that is none is refused with the list of those that are, and traffic stays as it is', async () => {
    const stage = await atWeight(20)
    await stage.edit({ provider: 'nothing' })
    await stage.pass(15)
    expect(stage.condition('Stalled')).toMatchObject({ reason: 'InvalidSpec', message: expect.stringContaining('gatewayapi:v1') })
    expect(stage.weights).toEqual([80, 20])
  })

  it('that skips the analysis promotes at once what is analysed', async () => {
    const stage = await atWeight(20)
    await stage.edit({ skipAnalysis: true })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('that suspends it writes nothing but the status, until it is taken back', async () => {
    const stage = await atWeight(20)
    await stage.edit({ suspend: true })
    stage.api.forgetRequests()
    stage.state.measurements = sick.measurements
    await stage.pass(300)
    const writes = stage.api.requests.filter(
      ({ verb, kind }) => !['list', 'watch', 'get', 'updateStatus'].includes(verb) && kind !== 'Event',
    )
    expect([writes, stage.weights, stage.status.failedChecks]).toEqual([[], [80, 20], 0])
    stage.state.measurements = []
    await stage.edit({ suspend: false })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('that cannot be carried out stops it where it is, with a condition, until it is corrected', async () => {
    const stage = await atWeight(20)
    await stage.editAnalysis({ stepWeights: [30, 20], stepWeight: undefined })
    await stage.pass(15)
    expect(stage.condition('Stalled')).toMatchObject({ reason: 'InvalidSpec', message: expect.stringContaining('stepWeights') })
    expect([stage.weights, stage.image('podinfo-primary')]).toEqual([[80, 20], 'podinfo:v1'])
    await stage.editAnalysis({ stepWeights: [20, 40] })
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })

  it('of its target name leaves the old target and its primary as they are', async () => {
    const stage = await atWeight(20)
    await stage.edit({ targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobody' } })
    await stage.pass(15)
    expect(stage.condition('Stalled')).toMatchObject({ reason: 'TargetMissing', message: expect.stringContaining('nobody') })
    expect(stage.api.stored(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })).toBeDefined()
  })
})
