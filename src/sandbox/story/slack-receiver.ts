import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a chat would show of a message. */
export interface ChatMessage {
  readonly author: string
  readonly text: string
  readonly color: string
  /** Titles and values of the fields. */
  readonly fields: readonly (readonly [title: string, value: string])[]
}

export interface SlackReceiver {
  readonly url: string
  readonly messages: readonly ChatMessage[]
  /** Hears every message from now on. */
  onMessage(handler: (message: ChatMessage) => void): void
  stop(): Promise<void>
}

interface Attachment {
  readonly author_name?: string
  readonly text?: string
  readonly color?: string
  readonly fields?: readonly { readonly title?: string; readonly value?: string }[]
}

/** A stand-in for Slack's incoming hooks: it takes what is posted, and refuses what Slack would refuse. */
export const startSlackReceiver = async (): Promise<SlackReceiver> => {
  const handlers: ((message: ChatMessage) => void)[] = []
  const messages: ChatMessage[] = []
  const seen = new Set<unknown>()
  const take = (message: ChatMessage | undefined, key: unknown): void => {
    if (!message || seen.has(key)) return // delivered before: at least once means that it may come twice
    if (key !== undefined) seen.add(key)
    messages.push(message)
    for (const handler of handlers) handler(message)
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const message = read(Buffer.concat(chunks).toString('utf8'))
      response.writeHead(message ? 200 : 400, { 'content-type': 'text/plain' }).end(message ? 'ok' : 'invalid_payload')
      take(message, request.headers['idempotency-key'])
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/services/T000/B000/sandbox`,
    messages,
    onMessage: handler => {
      handlers.push(handler)
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const read = (text: string): ChatMessage | undefined => {
  try {
    const [attachment] = (JSON.parse(text) as { attachments?: readonly Attachment[] }).attachments ?? []
    if (!attachment?.text) return undefined
    const fields = (attachment.fields ?? []).map(({ title = '', value = '' }) => [title, shown(value)] as const)
    return { author: attachment.author_name ?? '', text: shown(attachment.text), color: attachment.color ?? '', fields }
  } catch {
    return undefined // not JSON: refused, as Slack does
  }
}

/** Slack's own escapes, as a reader sees them. */
const shown = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
