import type { LoadReport } from './load-report.ts'

const seconds = (ms: number): string => (ms / 1000).toFixed(4)
const barCount = 10
const barWidth = 40
const percentiles = [10, 25, 50, 75, 90, 95, 99] as const

/** What hey prints at the end of a run, as far as it was measured: no split of a request into its parts. */
export const heySummary = (report: LoadReport): string =>
  [
    [],
    ...(report.latencies.count === 0 ? [totals(report)] : [totals(report), histogram(report), distribution(report), statusCodes(report)]),
    ...(report.errors.size === 0 ? [] : [errors(report)]),
  ]
    .map(lines => lines.map(line => `${line}\n`).join(''))
    .join('\n')

const totals = ({ durationMs, requests, bytes, latencies }: LoadReport): readonly string[] => [
  'Summary:',
  `  Total:\t${seconds(durationMs)} secs`,
  `  Slowest:\t${seconds(latencies.slowestMs)} secs`,
  `  Fastest:\t${seconds(latencies.fastestMs)} secs`,
  `  Average:\t${seconds(latencies.averageMs)} secs`,
  `  Requests/sec:\t${(durationMs === 0 ? 0 : (requests * 1000) / durationMs).toFixed(4)}`,
  '',
  `  Total data:\t${bytes} bytes`,
  `  Size/request:\t${latencies.count === 0 ? 0 : Math.floor(bytes / latencies.count)} bytes`,
]

const histogram = ({ latencies }: LoadReport): readonly string[] => {
  const bars = latencies.bars(barCount)
  const most = Math.max(...bars.map(({ count }) => count))
  const line = (uptoMs: number, count: number) =>
    `  ${(uptoMs / 1000).toFixed(3)} [${count}]\t|${'■'.repeat(Math.round((count / most) * barWidth))}`
  return ['Response time histogram:', ...bars.map(({ uptoMs, count }) => line(uptoMs, count))]
}

const distribution = ({ latencies }: LoadReport): readonly string[] => [
  'Latency distribution:',
  ...percentiles.map(percent => `  ${percent}% in ${seconds(latencies.percentileMs(percent))} secs`),
]

const statusCodes = ({ statusCodes: counts }: LoadReport): readonly string[] => [
  'Status code distribution:',
  ...[...counts].sort(([a], [b]) => a - b).map(([status, count]) => `  [${status}]\t${count} responses`),
]

const errors = ({ errors: counts }: LoadReport): readonly string[] => [
  'Error distribution:',
  ...[...counts].map(([error, count]) => `  [${count}]\t${error}`),
]
