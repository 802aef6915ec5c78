import type { ServerResponse } from 'node:http'
import type { Cancel, Clock } from '../../clock.ts'
import type { Endpoint } from './catalogue.ts'
import { httpDate } from './http-exchange.ts'
import type { Kernel } from './kernel.ts'
import { eventText, type Representation } from './representation.ts'
import { StatusError } from './status.ts'
import { type Event, type Watch, type WatchQuery, watch } from './watching.ts'

const bookmarkIntervalMs = 60_000
/** The last bookmark comes so long before the end, so that the next watch starts where this one stopped. */
const lastBookmarkMs = 2000
/** A reader so slow that this much is waiting for it is cut off, as the real server does; it lists again. */
const backlogLimitBytes = 64 * 1024 * 1024
const defaultTimeoutSeconds = { least: 1800, spread: 1800 }

export interface StreamQuery extends WatchQuery {
  readonly timeoutSeconds?: number
  readonly allowWatchBookmarks: boolean
}

/** One watch over HTTP. */
export interface Stream {
  /** Ends it as a server does that shuts down. */
  end(): void
}

interface StreamSetting {
  readonly endpoint: Endpoint
  readonly query: StreamQuery
  readonly representation: Omit<Representation, 'nowMs'>
  readonly onEnd: () => void
}

const every = (clock: Clock, intervalMs: number, task: () => void): Cancel => {
  let cancel: Cancel = () => {}
  const arm = (): void => {
    cancel = clock.schedule(intervalMs, () => {
      task()
      arm()
    })
  }
  arm()
  return () => cancel()
}

const lifetimeMs = ({ random }: Kernel, { timeoutSeconds = 0 }: StreamQuery): number =>
  (timeoutSeconds > 0 ? timeoutSeconds : defaultTimeoutSeconds.least + random() * defaultTimeoutSeconds.spread) * 1000

const openStream = (response: ServerResponse, nowMs: number): void => {
  response.writeHead(200, {
    'content-type': 'application/json',
    'transfer-encoding': 'chunked',
    date: httpDate(nowMs),
    'cache-control': 'no-cache, private',
  })
  response.flushHeaders()
}

/** Many small lines of one turn leave in one packet. */
const writeLine = (response: ServerResponse, line: string): void => {
  if (response.destroyed || response.writableEnded) return
  if (response.writableCorked === 0) {
    response.cork()
    process.nextTick(() => response.uncork())
  }
  response.write(line)
  if (response.writableLength > backlogLimitBytes) response.destroy()
}

interface Opening {
  readonly early: readonly Event[]
  readonly running: Watch | undefined
  readonly failure: StatusError | undefined
}

/** Starts the watch; what it says at once is kept until the answer has begun. */
const startWatch = (kernel: Kernel, { endpoint, query }: StreamSetting, onLater: (event: Event) => void): Opening => {
  const early: Event[] = []
  let opened = false
  try {
    const running = watch(kernel, { endpoint, query }, event => (opened ? onLater(event) : early.push(event)))
    opened = true
    return { early, running, failure: undefined }
  } catch (thrown) {
    // The one error that watches tell inside the stream: clients wait for it there and list again.
    if (!(thrown instanceof StatusError) || thrown.status.code !== 410) throw thrown
    return { early, running: undefined, failure: thrown }
  }
}

/**
 * Serves a watch as one JSON event per line until its time is up, the client leaves or the server stops.
 * @throws {StatusError} 400, before anything is sent, when a selector or a version is no such thing
 */
export const streamWatch = (kernel: Kernel, response: ServerResponse, setting: StreamSetting): Stream => {
  const { clock } = kernel
  const { endpoint, query, representation, onEnd } = setting
  let isFirst = true
  const write = (event: Event): void => {
    writeLine(response, eventText(event, endpoint, { ...representation, isFirst, nowMs: clock.nowMs() }))
    isFirst = false
  }
  const { early, running, failure } = startWatch(kernel, setting, write)
  openStream(response, clock.nowMs())
  for (const event of early) write(event)
  const bookmark = (): void => {
    if (running && query.allowWatchBookmarks) write(running.bookmark())
  }
  const cancels: Cancel[] = []
  const release = (): void => {
    running?.stop()
    for (const cancel of cancels.splice(0)) cancel()
  }
  const end = (): void => {
    bookmark()
    release()
    response.end()
  }
  response.on('close', () => {
    release()
    onEnd()
  })
  if (failure) response.end(`${JSON.stringify({ type: 'ERROR', object: failure.status })}\n`)
  else {
    const lifeMs = lifetimeMs(kernel, query)
    const beforeEndMs = Math.max(0, lifeMs - lastBookmarkMs)
    cancels.push(every(clock, bookmarkIntervalMs, bookmark), clock.schedule(beforeEndMs, bookmark), clock.schedule(lifeMs, end))
  }
  return { end }
}
