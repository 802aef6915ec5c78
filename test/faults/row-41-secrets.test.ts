import { describe, expect, it } from 'vitest'
import { readMetricTemplate } from '../../src/api/metric-template.ts'
import type { MetricLookup } from '../../src/metrics/metric-store.ts'
import { readAnswer } from '../../src/metrics/prometheus-answer.ts'
import { createOutsideWorld } from '../support/outside-world.ts'
import { team } from '../support/stage.ts'
import { atWeight, initialized, isTold, promoted, rolledBack, standing } from './on-stage.ts'

const metrics = [{ name: 'errors', templateRef: { name: 'error-rate' }, thresholdRange: { max: 1 }, interval: '1m' }]

const template = readMetricTemplate({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'MetricTemplate',
  metadata: { name: 'error-rate', namespace: 'test' },
  spec: { provider: { type: 'prometheus', address: 'http://store.test', secretRef: { name: 'store' } }, query: 'errors' },
})

/** A store that lets in whoever brings this token, and a Secret that a test edits. */
const guarded = (token: string) => {
  const vault: { data: Readonly<Record<string, string>> | undefined | 'unreadable' } = { data: { token } }
  const lookup: MetricLookup = {
    template: (_, name) => (name === 'error-rate' ? template : undefined),
    secret: async () => {
      if (vault.data === 'unreadable') throw new Error('secrets "store" is forbidden')
      return vault.data
    },
  }
  const world = createOutsideWorld({ lookup })
  const door = { token }
  world.state.store = ({ secret }) => {
    if (secret?.['token']?.trim() !== door.token) return readAnswer({ status: 401, body: 'who are you' })
    return readAnswer({
      status: 200,
      body: { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '0'] }] } },
    })
  }
  return { vault, door, options: { tools: world.tools, objects: team({ analysis: { metrics } }) } }
}

const secretText = 'c0rrect-h0rse'

/** What may become of a Secret, and what people read of it. */
const losses = [
  ['is missing', undefined, 'secret store error: it does not exist in namespace test'],
  ['cannot be read', 'unreadable', 'secret store could not be read'],
  ['has no key of that name', { password: secretText }, 'Status 401'],
  ['is empty', {}, 'Status 401'],
  ['holds an empty value', { token: '' }, 'Status 401'],
  ['is not UTF-8', { token: Buffer.from([0xff, 0xfe, 0x00, 0x63]).toString('utf8') }, 'Status 401'],
  ['holds two lines', { token: `${secretText}\nx: y` }, 'Status 401'],
] as const

describe.each(losses)('a Secret of a metric that %s', (_, data, words) => {
  it('leaves the question open, is named everywhere, and promotes nothing', async () => {
    const { vault, options } = guarded(secretText)
    const stage = await atWeight(20, options)
    vault.data = data
    await stage.until(() => isTold(stage, words))
    expect([stage.weights, stage.status.failedChecks]).toEqual([[80, 20], 0])
    await stage.untilRest('Failed')
    expect(standing(stage)).toEqual(rolledBack)
    expect(JSON.stringify([stage.io.log.lines, stage.status, stage.events(), stage.sent])).not.toContain(secretText)
  })

  it('costs time only when it is put right', async () => {
    const { vault, options } = guarded(secretText)
    const stage = await atWeight(20, options)
    vault.data = data
    await stage.pass(25)
    vault.data = { token: secretText }
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a Secret that is rotated in mid-run', () => {
  it('counts with the next question', async () => {
    const { vault, door, options } = guarded(secretText)
    const stage = await atWeight(20, options)
    vault.data = { token: 'another' }
    door.token = 'another'
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
    expect(stage.status.failedChecks).toBe(0)
  })
})

describe('a metric whose MetricTemplate does not exist', () => {
  it('is named everywhere, and promotes nothing', async () => {
    const world = createOutsideWorld()
    const stage = await initialized({ tools: world.tools, objects: team({ analysis: { metrics } }) })
    await stage.release('v2')
    await stage.until(() => isTold(stage, 'Metric template error-rate.test error: it does not exist; create it, or correct templateRef'))
    await stage.untilRest('Failed')
    expect(standing(stage)).toEqual(rolledBack)
  })
})
