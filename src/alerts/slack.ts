import type { AlertMessage, AlertProvider, AlertTarget } from './alert.ts'
import { authorOf, fieldsOf } from './fields.ts'
import { DeliveryFailed, post } from './post.ts'

/** Slack reads three characters as markup: texts from outside must mention nobody and link nowhere. */
const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const payload = (message: AlertMessage, { channel, username }: AlertTarget) => ({
  channel,
  username,
  icon_url: '',
  icon_emoji: ':rocket:',
  attachments: [
    {
      color: message.entry.severity === 'error' ? 'danger' : 'good',
      author_name: authorOf(message),
      text: plain(message.entry.message),
      mrkdwn_in: ['text'],
      fields: fieldsOf(message).map(({ name, value }) => ({ title: name, value: plain(value), short: false })),
    },
  ],
})

/** Slack's Web API answers 200 even when it refuses; a hook answers plain `ok`. */
const refusalIn = (body: string): string | undefined => {
  if (!body.startsWith('{')) return undefined
  try {
    const answer = JSON.parse(body) as { ok?: unknown; error?: unknown }
    return answer.ok === false ? String(answer.error) : undefined
  } catch {
    return undefined // not JSON after all: a hook that says something of its own
  }
}

/** Refusals that say that Slack itself is in trouble. */
const troubles: readonly string[] = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited']

/** The payload has both, as the field's has, though a hook of today looks at neither. */
const problem = ({ channel, username }: AlertTarget): string | undefined =>
  channel && username ? undefined : 'slack needs a channel and a username; set both in the AlertProvider or by flag'

/** Slack: incoming hooks, and the Web API with a bot token. Source: api.slack.com/messaging/webhooks, chat.postMessage. */
export const slack: AlertProvider = {
  name: 'slack',
  problem,
  payload,
  send: async (message, target, { send, io }) => {
    const unusable = problem(target)
    if (unusable) throw new DeliveryFailed(unusable, 'terminal')
    const body = await post({ to: 'slack', target, body: payload(message, target), idempotencyKey: message.entry.id }, { send, io })
    const refusal = refusalIn(body)
    if (refusal) throw new DeliveryFailed(`slack refused the message: ${refusal}`, troubles.includes(refusal) ? 'retry' : 'terminal')
  },
}
