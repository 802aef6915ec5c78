import type { Target } from '../scrape/target.ts'
import { targetLabels } from '../scrape/target.ts'
import { recordOf } from '../storage/labels.ts'

/** Prometheus reads YAML, and every JSON text is YAML. */
export const configText = (targetsFile: string, intervalMs: number): string => {
  const every = `${Math.max(1, Math.round(intervalMs))}ms`
  return JSON.stringify({
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    scrape_configs: [{ job_name: 'sandbox', file_sd_configs: [{ files: [targetsFile], refresh_interval: '1s' }] }],
  })
}

/** Targets as the real one discovers them from a file, labelled as the embedded one labels them. */
export const targetsText = (targets: readonly Target[]): string =>
  JSON.stringify(
    targets.map(target => ({
      targets: [target.address],
      labels: { ...recordOf(targetLabels(target)), __metrics_path__: target.path },
    })),
  )
