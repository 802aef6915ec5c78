import { describe, expect, it } from 'vitest'
import { readAlertProvider } from '../../src/api/alert-provider.ts'
import { readMetricTemplate } from '../../src/api/metric-template.ts'
import type { KubeObject } from '../../src/api/object.ts'

const object = (kind: string, spec: object): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind,
  metadata: { name: 'one', namespace: 'test' },
  spec,
})

describe('the defaults', () => {
  it('of an AlertProvider are the channel general and the name flagger', () =>
    expect(readAlertProvider(object('AlertProvider', { type: 'slack', address: 'https://chat.test' })).object.spec).toEqual({
      type: 'slack',
      address: 'https://chat.test',
      channel: 'general',
      username: 'flagger',
    }))

  it('of a MetricTemplate verify certificates', () =>
    expect(readMetricTemplate(object('MetricTemplate', { provider: { type: 'prometheus' }, query: 'up' })).object.spec).toMatchObject({
      provider: { type: 'prometheus', insecureSkipVerify: false },
      query: 'up',
    }))
})
