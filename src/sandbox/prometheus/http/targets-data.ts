import { formatDurationMs } from '../../../duration.ts'
import { urlOf } from '../scrape/target.ts'
import type { TargetLoop } from '../scrape/target-loop.ts'
import { labelValue, recordOf } from '../storage/labels.ts'

/** The zero time of Go, which Prometheus shows for a target that was never scraped. */
const never = '0001-01-01T00:00:00Z'

const activeTarget = ({ target, labels, state, timeoutMs }: TargetLoop, intervalMs: number): unknown => ({
  discoveredLabels: { __address__: target.address, __metrics_path__: target.path, __scheme__: 'http', ...target.labels },
  labels: recordOf(labels),
  scrapePool: labelValue(labels, 'job'),
  scrapeUrl: urlOf(target),
  globalUrl: urlOf(target),
  lastError: state.lastError,
  lastScrape: state.lastScrapeMs === undefined ? never : new Date(state.lastScrapeMs).toISOString(),
  lastScrapeDuration: state.lastDurationMs / 1000,
  health: state.health,
  scrapeInterval: formatDurationMs(intervalMs),
  scrapeTimeout: formatDurationMs(timeoutMs),
})

/** The data of `/api/v1/targets`. */
export const targetsData = (loops: readonly TargetLoop[], intervalMs: number): unknown => ({
  activeTargets: loops.map(loop => activeTarget(loop, intervalMs)),
  droppedTargets: [],
  droppedTargetCounts: {},
})
