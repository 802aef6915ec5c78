import { STATUS_CODES } from 'node:http'
import { Agent, request } from 'undici'
import { CanaryError, messageOf } from '../../../errors.ts'

/** A target that could not be asked, or answered with something that no scrape takes. */
export class ScrapeFailed extends CanaryError {
  readonly code = 'ScrapeFailed'
  readonly disposition = 'retry'
}

/** What a target answered. */
interface Exposition {
  readonly contentType: string
  readonly text: string
}

/** How targets are asked; a port, so that tests need no sockets. */
export interface HttpGet {
  /** @throws {ScrapeFailed} retry: no connection, a status other than 200, a body that is too long, or `signal` aborted */
  get(url: string, signal: AbortSignal): Promise<Exposition>
  /** Closes the connections. */
  close(): Promise<void>
}

const longestBodyBytes = 16 * 1024 * 1024
const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=1,*/*;q=0.1'

const readBody = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > longestBodyBytes) throw new ScrapeFailed(`body size limit of ${longestBodyBytes} bytes exceeded`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Keeps one connection per target alive between scrapes. */
export const createHttpGet = (): HttpGet => {
  const agent = new Agent({ connections: 1, pipelining: 1 })
  const ask = async (url: string, signal: AbortSignal): Promise<Exposition> => {
    const { statusCode, headers, body } = await request(url, { dispatcher: agent, signal, headers: { accept } })
    if (statusCode !== 200) {
      await body.dump()
      throw new ScrapeFailed(`server returned HTTP status ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd())
    }
    return { contentType: String(headers['content-type'] ?? ''), text: await readBody(body) }
  }
  return {
    get: (url, signal) =>
      ask(url, signal).catch(thrown => {
        if (thrown instanceof ScrapeFailed) throw thrown
        throw new ScrapeFailed(`Get ${JSON.stringify(url)}: ${messageOf(thrown)}`, { cause: thrown })
      }),
    close: () => agent.destroy(),
  }
}
