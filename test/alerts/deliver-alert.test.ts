import { describe, expect, it } from 'vitest'
import type { AlertLookup, GlobalAlert } from '../../src/alerts/alert.ts'
import { createAlertDelivery } from '../../src/alerts/deliver-alert.ts'
import { alertProviders } from '../../src/alerts/registry.ts'
import { readAlertProvider } from '../../src/api/alert-provider.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { anEntry, answering, aTarget, secretAddress } from './messages.ts'

type Fields = Readonly<Record<string, unknown>>

const aProvider = (spec: Fields = {}, namespace = 'test') =>
  readAlertProvider({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'AlertProvider',
    metadata: { name: 'team', namespace },
    spec: { type: 'slack', channel: 'deploys', address: secretAddress, ...spec },
  })

interface Setting {
  readonly provider?: ReturnType<typeof aProvider>
  readonly secret?: Fields
  readonly global?: GlobalAlert
  readonly noCrossNamespaceRefs?: boolean
}

const setUp = ({ provider, secret, global, noCrossNamespaceRefs = false }: Setting = {}) => {
  const looked: string[] = []
  const lookup: AlertLookup = {
    provider: (namespace, name) => {
      looked.push(`${namespace}/${name}`)
      return provider
    },
    secret: async (namespace, name) => {
      looked.push(`secret ${namespace}/${name}`)
      return secret as Readonly<Record<string, string>> | undefined
    },
  }
  const { calls, send } = answering()
  const deliver = createAlertDelivery({ send, lookup, global, clusterName: 'c1', noCrossNamespaceRefs })
  return { calls, looked, deliver: (receiver: string) => deliver(aCanary(), anEntry({ receiver }), testIo()) }
}

const global = { type: 'slack', target: aTarget({ channel: 'all' }) }
const withSecret = aProvider({ address: undefined, secretRef: { name: 'chat' } })
const bodyOf = (call: { readonly body?: string } | undefined) => JSON.parse(call?.body ?? '{}') as Fields

describe('an alert', () => {
  it('for everybody goes to the chat system of the controller', async () => {
    const { calls, deliver, looked } = setUp({ global })
    await deliver('global')
    expect([calls[0]?.url, bodyOf(calls[0])['channel'], looked]).toEqual([secretAddress, 'all', []])
  })

  it('for everybody is not worth repeating where the controller has none any more', async () =>
    expect(setUp().deliver('global')).rejects.toMatchObject({ disposition: 'terminal' }))

  it('goes to the provider that it names', async () => {
    const { calls, deliver, looked } = setUp({ provider: aProvider(), global })
    await deliver('test/team')
    expect([looked, calls[0]?.url, bodyOf(calls[0])]).toEqual([
      ['test/team'],
      secretAddress,
      expect.objectContaining({ channel: 'deploys', username: 'flagger' }),
    ])
  })

  it('goes through the proxy of its provider', async () => {
    const { calls, deliver } = setUp({ provider: aProvider({ proxy: 'http://proxy.test:3128' }) })
    await deliver('test/team')
    expect(calls[0]?.proxy).toBe('http://proxy.test:3128')
  })

  it('takes address and token from the Secret beside the provider, without the line breaks of files', async () => {
    const provider = aProvider({ address: undefined, secretRef: { name: 'chat' } }, 'shared')
    const { calls, deliver, looked } = setUp({ provider, secret: { address: `${secretAddress}\n`, token: 'xoxb-1\n' } })
    await deliver('shared/team')
    expect(looked).toEqual(['shared/team', 'secret shared/chat'])
    expect([calls[0]?.url, calls[0]?.headers?.['authorization']]).toEqual([secretAddress, 'Bearer xoxb-1'])
  })

  it('prefers the address in the Secret', async () => {
    const provider = aProvider({ address: 'https://old.test', secretRef: { name: 'chat' } })
    const { calls, deliver } = setUp({ provider, secret: { address: secretAddress } })
    await deliver('test/team')
    expect(calls[0]?.url).toBe(secretAddress)
  })
})

describe('an alert that cannot be delivered yet', () => {
  it.each<readonly [string, Setting, string]>([
    ['a provider', {}, 'AlertProvider team.test does not exist; create it or remove it from spec.analysis.alerts'],
    ['a Secret', { provider: withSecret }, 'Secret chat.test of AlertProvider team.test does not exist; create it'],
    [
      'an address in the Secret',
      { provider: withSecret, secret: { token: 'xoxb-1' } },
      'Secret chat.test of AlertProvider team.test does not contain an address; add the key address',
    ],
    [
      'an address at all',
      { provider: aProvider({ address: undefined }) },
      'AlertProvider team.test cannot be used: spec.address: expected address or secretRef, got neither; add one of them',
    ],
  ])('waits for %s', async (_, setting, message) => {
    const { calls, deliver } = setUp(setting)
    await expect(deliver('test/team')).rejects.toMatchObject({ disposition: 'retry', message })
    expect(calls).toHaveLength(0)
  })
})

describe('an alert that can never be delivered', () => {
  it('names a chat system that is not built in', async () =>
    expect(setUp({ provider: aProvider({ type: 'discord' }) }).deliver('test/team')).rejects.toMatchObject({
      code: 'UnknownProvider',
      message: 'unknown alert provider "discord", expected one of: slack',
    }))

  it('names a provider of another namespace where that is forbidden', async () => {
    const { deliver, looked } = setUp({ provider: aProvider({}, 'other'), noCrossNamespaceRefs: true })
    await expect(deliver('other/team')).rejects.toMatchObject({
      disposition: 'terminal',
      message: "can't access alert provider team.other, cross-namespace references are blocked",
    })
    expect(looked).toEqual([])
  })

  it('is not one that stays in its namespace', async () => {
    const { calls, deliver } = setUp({ provider: aProvider(), noCrossNamespaceRefs: true })
    await deliver('test/team')
    expect(calls).toHaveLength(1)
  })
})

describe('the chat systems', () => {
  it('are these', () => expect(alertProviders.names).toEqual(['slack']))
})
