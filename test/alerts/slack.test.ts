import { describe, expect, it } from 'vitest'
import type { AlertMessage } from '../../src/alerts/alert.ts'
import { slack } from '../../src/alerts/slack.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { reasons } from '../../src/api/reasons.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { observed, observedObject } from '../support/observed.ts'
import { aMessage, anEntry, answering, aTarget } from './messages.ts'

interface ObservedMessage {
  readonly body: { readonly attachments: readonly { readonly color: string; readonly text: string; readonly fields: readonly unknown[] }[] }
}

const messages = observed('slack-messages') as unknown as readonly ObservedMessage[]
const { canary } = readCanary(observedObject('1-initialized-canaries', 'app'))
const target = aTarget({ channel: 'deploys', username: 'flagger' })

const sent = (message: AlertMessage, reply: { status?: number; body?: string } = {}, to = target) => {
  const { calls, send } = answering(reply)
  return { calls, done: slack.send(message, to, { send, io: testIo() }) }
}

describe('a Slack message', () => {
  it.each(messages.map(({ body }, at) => [at, body.attachments[0]?.text, body] as const))(
    'is, to the letter, observed message %i: %s',
    (_, text, body) => {
      const [attachment] = body.attachments
      const entry = anEntry({
        message: text ?? '',
        severity: attachment?.color === 'danger' ? 'error' : 'info',
        withDetails: (attachment?.fields.length ?? 0) > 1,
      })
      expect(JSON.stringify(slack.payload({ canary, entry, clusterName: 'demo-cluster' }, target))).toBe(JSON.stringify(body))
    },
  )

  const attachmentOf = (message: AlertMessage) =>
    (slack.payload(message, target)['attachments'] as readonly Readonly<Record<string, unknown>>[])[0]

  it.each([
    ['info', 'good'],
    ['warn', 'good'],
    ['error', 'danger'],
  ] as const)('of severity %s has the colour %s', (severity, color) =>
    expect(attachmentOf(aMessage({ severity }))).toMatchObject({ color }),
  )

  it('says why something failed, beyond what the field says', () =>
    expect(attachmentOf(aMessage({ because: 'success rate was low' }))?.['fields']).toEqual([
      { title: 'Reason', value: 'success rate was low', short: false },
    ]))

  it('says what to do when it calls somebody', () =>
    expect(attachmentOf(aMessage({ severity: 'error', reason: 'PromotionFailed' }))?.['fields']).toEqual([
      { title: 'What to do', value: reasons.PromotionFailed.next, short: false },
    ]))

  it('has no field where there is nothing to add', () => expect(attachmentOf(aMessage())?.['fields']).toEqual([]))

  it('names the cluster in every message', () =>
    expect(attachmentOf({ ...aMessage(), clusterName: 'c1' })?.['fields']).toEqual([{ title: 'Cluster', value: 'c1', short: false }]))

  it('mentions nobody and links nowhere, whatever a hook said', () => {
    const attachment = attachmentOf(aMessage({ message: 'a <!channel> & b', because: 'success rate 50.00% < 99%' }))
    expect(attachment).toMatchObject({
      text: 'a &lt;!channel&gt; &amp; b',
      fields: [{ value: 'success rate 50.00% &lt; 99%' }],
    })
  })
})

describe('the routing of traffic in a message', () => {
  const routing = (analysis: Readonly<Record<string, unknown>>) => {
    const message = { canary: aCanary({ analysis }), entry: anEntry({ withDetails: true }), clusterName: '' }
    const [attachment] = slack.payload(message, target)['attachments'] as readonly { fields: readonly { title: string; value: string }[] }[]
    return attachment?.fields.find(({ title }) => title === 'Traffic routing')?.value
  }

  it.each([
    [{ iterations: 5, match: [{ headers: { a: { exact: 'b' } } }] }, 'A/B Testing'],
    [{ iterations: 5 }, 'Blue/Green'],
    [{ stepWeight: 10, maxWeight: 50 }, 'Weight step: 10 max: 50'],
    [{ stepWeight: 10 }, 'Weight step: 10 max: 0'],
    [{ stepWeights: [5, 10, 50], maxWeight: 50 }, 'Weight steps: 5,10,50 max: 50'],
    [{ stepWeights: [] }, undefined],
  ])('for %j is %s', (analysis, text) => expect(routing(analysis)).toBe(text))
})

describe('sending to Slack', () => {
  it('is content with what a hook answers', async () => expect(sent(aMessage(), { body: 'ok' }).done).resolves.toBeUndefined())
  it('is content with what the Web API answers', async () =>
    expect(sent(aMessage(), { body: '{"ok":true}' }).done).resolves.toBeUndefined())
  it('is content with a text in braces that is no JSON', async () =>
    expect(sent(aMessage(), { body: '{ok}' }).done).resolves.toBeUndefined())

  it('sees that the Web API refused with a good status', async () =>
    expect(sent(aMessage(), { body: '{"ok":false,"error":"channel_not_found"}' }).done).rejects.toMatchObject({
      message: 'slack refused the message: channel_not_found',
      disposition: 'terminal',
    }))

  it('comes back later when Slack is in trouble', async () =>
    expect(sent(aMessage(), { body: '{"ok":false,"error":"internal_error"}' }).done).rejects.toMatchObject({ disposition: 'retry' }))

  it.each([
    [{}, undefined],
    [{ channel: '' }, 'slack needs a channel and a username; set both in the AlertProvider or by flag'],
  ])('can be told beforehand that %j has the problem %j', (change, problem) => expect(slack.problem(aTarget(change))).toBe(problem))

  it.each([{ channel: '' }, { username: '' }])('needs a channel and a user: %j', async change => {
    const { calls, done } = sent(aMessage(), {}, aTarget(change))
    await expect(done).rejects.toMatchObject({
      disposition: 'terminal',
      message: expect.stringContaining('needs a channel and a username'),
    })
    expect(calls).toHaveLength(0)
  })

  it('carries the token and the key of the delivery', async () => {
    const { calls, done } = sent(aMessage({ id: 'uid-7-2' }), {}, aTarget({ token: 'xoxb-1' }))
    await done
    expect(calls[0]?.headers).toMatchObject({
      authorization: 'Bearer xoxb-1',
      'idempotency-key': 'uid-7-2',
      'content-type': 'application/json',
    })
  })

  it('goes through the proxy of its provider, and has 5 s', async () => {
    const { calls, done } = sent(aMessage(), {}, aTarget({ proxy: 'http://proxy.test:3128' }))
    await done
    expect(calls[0]).toMatchObject({ method: 'POST', proxy: 'http://proxy.test:3128', timeoutMs: 5000 })
  })
})
