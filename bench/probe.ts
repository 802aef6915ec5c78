/*
 * Loaded into a measured process before its program, as JavaScript, so that the process carries no compiler it would not carry otherwise:
 * it imports nothing. Neither its timer nor its channel keeps the process alive.
 */

/** What a process has used. Maxima are those since the reading before. */
export interface Reading {
  /** User and system, all threads, since the process began. */
  readonly cpuMs: number
  readonly rssBytes: number
  readonly heapBytes: number
  readonly maxRssBytes: number
  /** Longest time in which the event loop had no turn. On a busy machine that includes waiting for a core. */
  readonly stallMaxMs: number
  /** The same, as far as the main thread itself was running: what our own code is to blame for. */
  readonly stallMaxCpuMs: number
  /** Milliseconds since the process began. */
  readonly ageMs: number
}

export interface ProbeQuestions {
  /** `gc` collects garbage before the reading, and keeps the pause of that out of it. */
  probe(options: { readonly gc: boolean }): Reading
}

const everyMs = 10

const startWatch = () => {
  let seen = { atMs: performance.now(), cpuMs: threadCpuMs() }
  let maxima = { stallMaxMs: 0, stallMaxCpuMs: 0, maxRssBytes: 0 }
  let beats = 0
  const look = () => {
    const now = { atMs: performance.now(), cpuMs: threadCpuMs() }
    const stallMs = now.atMs - seen.atMs - everyMs
    const stallCpuMs = Math.min(stallMs, now.cpuMs - seen.cpuMs)
    beats += 1
    maxima = {
      stallMaxMs: Math.max(maxima.stallMaxMs, stallMs),
      stallMaxCpuMs: Math.max(maxima.stallMaxCpuMs, stallCpuMs),
      maxRssBytes: beats % 25 === 0 ? Math.max(maxima.maxRssBytes, process.memoryUsage.rss()) : maxima.maxRssBytes,
    }
    seen = now
  }
  setInterval(look, everyMs).unref()
  return {
    /** Takes the maxima and begins anew. */
    take: () => {
      look()
      const taken = maxima
      maxima = { stallMaxMs: 0, stallMaxCpuMs: 0, maxRssBytes: 0 }
      return taken
    },
    skip: () => {
      seen = { atMs: performance.now(), cpuMs: threadCpuMs() }
    },
  }
}

const threadCpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const watch = startWatch()

const read = (gc: boolean): Reading => {
  const maxima = watch.take()
  if (gc) globalThis.gc?.()
  watch.skip()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return {
    ...maxima,
    cpuMs: (user + system) / 1000,
    rssBytes: rss,
    heapBytes: heapUsed,
    maxRssBytes: Math.max(maxima.maxRssBytes, rss),
    ageMs: process.uptime() * 1000,
  }
}

process.on('message', (message: { readonly id?: number; readonly question?: string; readonly argument?: { readonly gc: boolean } }) => {
  if (message.question === 'probe') process.send?.({ id: message.id, value: read(message.argument?.gc === true) })
})
// Whoever measures is gone: nobody would ever end this process.
process.on('disconnect', () => process.exit(1))
process.channel?.unref()
