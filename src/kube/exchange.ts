import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { fenced, KubeError, labelText, type RequestLabel, unreachable } from './errors.ts'
import type { Fence } from './fence.ts'

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** A whole answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: string
}

export interface ExchangeOptions {
  readonly label: RequestLabel
  readonly method: HttpMethod
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly signal: AbortSignal
  /** Asked when the socket is ours and the first byte is about to leave. */
  readonly fence: Fence
  readonly maxBytes: number
}

/**
 * One request and its whole answer on a pooled socket.
 * We implement undici's handler ourselves because of `onRequestStart`: it runs synchronously before the bytes are written, after any wait
 * for a socket. That is the one honest place for the fence, and it tells whether a failed request may have reached the server.
 */
export const exchange = (pool: Dispatcher, options: ExchangeOptions): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const { label, signal } = options
    const chunks: Buffer[] = []
    let answer = { status: 0, headers: {} as AnswerHeaders }
    let size = 0
    let started: Dispatcher.DispatchController | undefined

    const fail = (error: unknown) => {
      signal.removeEventListener('abort', stop)
      reject(error instanceof KubeError ? error : unreachable(label, error, started !== undefined))
    }
    const stop = () => {
      fail(signal.reason)
      started?.abort(signal.reason instanceof Error ? signal.reason : new Error('called off'))
    }
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })

    const { method, path, headers, body } = options
    pool.dispatch(
      { method, path, headers, body },
      {
        onRequestStart: controller => {
          // Throwing gives the socket back unharmed; aborting the controller would destroy it.
          if (signal.aborted) throw signal.reason
          if (!options.fence()) throw fenced(label)
          started = controller
        },
        onResponseStart: (_controller, status, received) => {
          answer = { status, headers: received }
        },
        onResponseData: (_controller, chunk) => {
          size += chunk.length
          if (size > options.maxBytes) throw tooLarge(options)
          chunks.push(chunk)
        },
        onResponseEnd: () => {
          signal.removeEventListener('abort', stop)
          whenSocketIsBack(() => resolve({ ...answer, body: Buffer.concat(chunks).toString('utf8') }))
        },
        onResponseError: (_controller, error) => fail(error),
      },
    )
  })

/** The head of an answer whose body is still coming. Whoever takes it must read the body to its end or destroy it. */
export interface OpenAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: Readable
}

/** One request whose answer is read piece by piece; the signal counts until the body ends. For reads: there is no fence. */
export const openStream = async (
  pool: Dispatcher,
  { label, method, path, headers, signal }: Omit<ExchangeOptions, 'body' | 'fence' | 'maxBytes'>,
): Promise<OpenAnswer> => {
  try {
    const answer = await pool.request({ method, path, headers, signal })
    // A body that is dropped half-read reports its own end as an error event; nobody is there to hear it.
    answer.body.on('error', () => {})
    return { status: answer.statusCode, headers: answer.headers, body: answer.body }
  } catch (error) {
    throw unreachable(label, error, true)
  }
}

/**
 * Undici takes a socket back one turn of the event loop after the answer. Whoever asks again sooner would open another connection,
 * and a caller that asks one thing after the other would hold two sockets instead of one.
 */
const whenSocketIsBack = (task: () => void) => process.nextTick(() => setImmediate(task))

const tooLarge = ({ label, maxBytes }: ExchangeOptions): KubeError =>
  new KubeError('ServerError', `${labelText(label)}: expected an answer of at most ${maxBytes} bytes, got more`)
