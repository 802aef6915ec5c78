import type { Cancel } from '../../../clock.ts'
import { messageOf } from '../../../errors.ts'
import type { Discover, Target } from './target.ts'
import { targetKey, urlOf } from './target.ts'
import type { ScrapeWorld } from './target-loop.ts'
import { TargetLoop } from './target-loop.ts'

export interface Scraper {
  /** The targets known now, in the order in which they appeared. */
  readonly loops: readonly TargetLoop[]
  stop(): void
}

export interface ScraperOptions extends ScrapeWorld {
  readonly discover: Discover
  readonly retentionMs: number
}

/** Keeps one loop per target that `discover` names. */
class RunningScraper implements Scraper {
  readonly #options: ScraperOptions
  readonly #byKey = new Map<string, TargetLoop>()
  #cancelNext: Cancel = () => {}

  constructor(options: ScraperOptions) {
    this.#options = options
  }

  get loops(): readonly TargetLoop[] {
    return [...this.#byKey.values()]
  }

  /** Looks for targets now and once per interval from now on. */
  beat(): void {
    const { clock, intervalMs, storage, retentionMs } = this.#options
    this.#sync(this.#discovered())
    storage.dropBefore(clock.nowMs() - retentionMs)
    this.#cancelNext = clock.schedule(intervalMs, () => this.beat())
  }

  stop(): void {
    this.#cancelNext()
    for (const loop of this.#byKey.values()) loop.stop({ targetIsGone: false })
    this.#byKey.clear()
  }

  /** A discovery that fails leaves the targets as they were. */
  #discovered(): readonly Target[] {
    try {
      return this.#options.discover()
    } catch (thrown) {
      this.#options.log.warn({ error: messageOf(thrown) }, 'could not discover scrape targets')
      return this.loops.map(({ target }) => target)
    }
  }

  #sync(targets: readonly Target[]): void {
    const wanted = new Map(targets.map(target => [targetKey(target), target]))
    for (const [key, loop] of this.#byKey) {
      if (wanted.has(key)) continue
      loop.stop({ targetIsGone: true })
      this.#byKey.delete(key)
    }
    for (const [key, target] of wanted) {
      if (this.#byKey.has(key)) continue
      const loop = new TargetLoop(target, this.#options)
      this.#byKey.set(key, loop)
      this.#options.log.debug({ target: urlOf(target) }, 'scraping a new target')
      loop.start()
    }
  }
}

export const startScraper = (options: ScraperOptions): Scraper => {
  const scraper = new RunningScraper(options)
  scraper.beat()
  return scraper
}
