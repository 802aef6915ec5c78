import type { Cancel, Clock } from '../../../clock.ts'
import { messageOf } from '../../../errors.ts'
import type { Logger } from '../../../io.ts'
import type { Labels } from '../storage/labels.ts'
import { metricName, signatureOf, withLabel } from '../storage/labels.ts'
import type { Storage } from '../storage/storage.ts'
import type { ExposedSample } from './exposition.ts'
import { formatOf, parseExposition } from './exposition.ts'
import type { HttpGet } from './http-get.ts'
import type { Target } from './target.ts'
import { labelled, phaseOf, targetKey, targetLabels, urlOf } from './target.ts'

const longestTimeoutMs = 10_000

/** What loops need from outside. */
export interface ScrapeWorld {
  readonly clock: Clock
  readonly log: Logger
  readonly http: HttpGet
  readonly storage: Storage
  readonly intervalMs: number
}

/** How the last scrape went. */
export interface ScrapeState {
  readonly health: 'unknown' | 'up' | 'down'
  readonly lastError: string
  /** Undefined before the first scrape. */
  readonly lastScrapeMs: number | undefined
  readonly lastDurationMs: number
}

/** Series about the scrape itself, which exist whether or not it succeeds. */
const reportNames = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
]

interface Taken {
  readonly samples: readonly ExposedSample[]
  readonly error: string
}

/** Asks one target again and again, at its own phase of the interval, and writes what it says. */
export class TargetLoop {
  readonly target: Target
  readonly labels: Labels
  readonly timeoutMs: number
  readonly #world: ScrapeWorld
  readonly #stopped = new AbortController()
  #state: ScrapeState = { health: 'unknown', lastError: '', lastScrapeMs: undefined, lastDurationMs: 0 }
  /** Series without times of their own that the last scrape had. */
  #exposed: ReadonlyMap<string, Labels> = new Map()
  #cancelNext: Cancel = () => {}

  constructor(target: Target, world: ScrapeWorld) {
    this.target = target
    this.labels = targetLabels(target)
    this.timeoutMs = Math.min(world.intervalMs, longestTimeoutMs)
    this.#world = world
  }

  get state(): ScrapeState {
    return this.#state
  }

  /** The first scrape comes within one interval. */
  start(): void {
    const { clock, intervalMs } = this.#world
    this.#scheduleAt(clock.monotonicMs() + phaseOf(targetKey(this.target)) * intervalMs)
  }

  /** Ends the loop and, where the target is gone, its series. */
  stop({ targetIsGone }: { readonly targetIsGone: boolean }): void {
    this.#cancelNext()
    this.#stopped.abort()
    if (!targetIsGone) return
    const nowMs = Math.round(this.#world.clock.nowMs())
    for (const labels of this.#exposed.values()) this.#world.storage.markStale(labels, nowMs)
    for (const name of reportNames) this.#world.storage.markStale(withLabel(this.labels, metricName, name), nowMs)
  }

  #scheduleAt(dueMs: number): void {
    const { clock, intervalMs, log } = this.#world
    this.#cancelNext = clock.schedule(Math.max(0, dueMs - clock.monotonicMs()), () => {
      this.#scrape()
        .catch(thrown => log.error({ target: urlOf(this.target), error: messageOf(thrown) }, 'could not record a scrape'))
        .finally(() => {
          if (this.#stopped.signal.aborted) return
          // Beats that a slow target missed are left out, so that the phase stays.
          const missed = Math.max(0, Math.floor((clock.monotonicMs() - dueMs) / intervalMs))
          this.#scheduleAt(dueMs + (missed + 1) * intervalMs)
        })
    })
  }

  async #scrape(): Promise<void> {
    const { clock } = this.#world
    const startMs = Math.round(clock.nowMs())
    const started = clock.monotonicMs()
    const taken = await this.#ask()
    if (this.#stopped.signal.aborted) return
    this.#record(taken, startMs, clock.monotonicMs() - started)
  }

  async #ask(): Promise<Taken> {
    const { clock, http } = this.#world
    const timeout = new AbortController()
    const cancel = clock.schedule(this.timeoutMs, () => timeout.abort(new Error('context deadline exceeded')))
    try {
      const { contentType, text } = await http.get(urlOf(this.target), AbortSignal.any([timeout.signal, this.#stopped.signal]))
      return { samples: parseExposition(text, formatOf(contentType)), error: '' }
    } catch (thrown) {
      return { samples: [], error: messageOf(thrown) }
    } finally {
      cancel()
    }
  }

  #record({ samples, error }: Taken, startMs: number, durationMs: number): void {
    const { storage } = this.#world
    const before = this.#exposed
    this.#exposed = this.#append(samples, startMs)
    for (const [signature, labels] of before) if (!this.#exposed.has(signature)) storage.markStale(labels, startMs)
    const added = [...this.#exposed.keys()].filter(signature => !before.has(signature)).length
    const report = [error === '' ? 1 : 0, durationMs / 1000, samples.length, samples.length, added]
    for (const [index, name] of reportNames.entries()) storage.append(withLabel(this.labels, metricName, name), startMs, report[index] ?? 0)
    this.#state = { health: error === '' ? 'up' : 'down', lastError: error, lastScrapeMs: startMs, lastDurationMs: durationMs }
    if (error !== '') this.#world.log.debug({ target: urlOf(this.target), error }, 'scrape failed')
  }

  /** Writes the samples and gives back the series that are expected again next time. */
  #append(samples: readonly ExposedSample[], startMs: number): ReadonlyMap<string, Labels> {
    const series = new Map<string, Labels>()
    for (const { labels, value, timeMs } of samples) {
      const full = labelled(labels, this.labels)
      this.#world.storage.append(full, timeMs ?? startMs, value)
      // A series that tells its own time may pause: Prometheus does not end it either.
      if (timeMs === undefined) series.set(signatureOf(full), full)
    }
    return series
  }
}
