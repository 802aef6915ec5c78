import { describe, expect, it } from 'vitest'
import { readCanary } from '../../src/api/read-canary.ts'
import type { CanaryStatus } from '../../src/api/status.ts'
import { checksumOf } from '../../src/webhooks/checksum.ts'
import { observed } from '../support/observed.ts'

describe('the checksum of a rollout', () => {
  it.each<readonly [CanaryStatus, string]>([
    [{}, '758df7c9fc'],
    [{ lastAppliedSpec: '4cb74184589' }, '7c9d467496'],
    [{ trackedConfigs: {}, lastAppliedSpec: '5f56684589' }, '557d867f8b'],
    [{ trackedConfigs: { 'test-config-map': '484637c76acaa7c6' }, lastAppliedSpec: '5f56684589' }, '85d557f47b'],
    [
      { trackedConfigs: { 'secret/b': '2222222222222222', 'configmap/a': '1111111111111111' }, lastAppliedSpec: '5978589476' },
      '78c88dfc8f',
    ],
  ])('of %j is %s', (status, checksum) => expect(checksumOf({ status })).toBe(checksum))

  it.each([
    ['1-initialized', '6c7957df97'],
    ['2-at-20', '7d6b9c5fb6'],
    ['3-promoting', '7d6b9c5fb6'],
    ['4-succeeded', '7d6b9c5fb6'],
    ['5-failed', '795d669f79'],
  ])('of the observed status %s is what hooks were told', (stage, checksum) =>
    expect(observed(`${stage}-canaries`).map(object => checksumOf(readCanary(object).canary))).toEqual([checksum]),
  )

  it('hashes bytes, not characters', () =>
    expect(checksumOf({ status: { lastAppliedSpec: 'é' } })).not.toBe(checksumOf({ status: { lastAppliedSpec: 'e' } })))
})
