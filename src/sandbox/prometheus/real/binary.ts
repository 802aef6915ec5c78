import { constants } from 'node:fs'
import { access, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Cancel } from '../../../clock.ts'
import { messageOf } from '../../../errors.ts'
import type { PrometheusOptions, RunningPrometheus } from '../prometheus.ts'
import { startPrometheus } from '../prometheus.ts'
import { Child, freePort } from './child.ts'
import { configText, targetsText } from './config.ts'

const hourMs = 3_600_000

const isProgram = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false // Not there, or not ours to run: the next directory may have it.
  }
}

/** The first program called `prometheus` in the directories of a PATH text. */
export const prometheusBinaryOnPath = async (pathText: string): Promise<string | undefined> => {
  for (const directory of pathText.split(delimiter).filter(one => one !== '')) {
    const path = join(directory, 'prometheus')
    if (await isProgram(path)) return path
  }
  return undefined
}

/** Keeps the file of targets up to date; a rename, so that nobody reads half of it. */
const watchTargets = ({ clock, log, discover, scrapeIntervalMs }: PrometheusOptions, file: string, written: string): Cancel => {
  let cancel: Cancel = () => {}
  let stopped = false
  let last = written
  const beat = async (): Promise<void> => {
    const text = targetsText(discover())
    if (text === last) return
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
    last = text
  }
  const next = (): void => {
    cancel = clock.schedule(scrapeIntervalMs, () => {
      beat()
        .catch(thrown => log.warn({ error: messageOf(thrown) }, 'could not hand scrape targets to prometheus'))
        .finally(() => stopped || next())
    })
  }
  next()
  return () => {
    stopped = true
    cancel()
  }
}

const flags = (directory: string, { address, retentionMs }: { readonly address: string; readonly retentionMs: number }): string[] => [
  `--config.file=${join(directory, 'prometheus.yml')}`,
  `--storage.tsdb.path=${join(directory, 'data')}`,
  `--storage.tsdb.retention.time=${Math.ceil(retentionMs / 1000)}s`,
  `--web.listen-address=${address}`,
  '--log.level=warn',
]

/**
 * Starts a real Prometheus with a temporary directory of its own. It picks up new targets every 5 s (its own rhythm), the embedded one
 * every interval.
 * @throws {BinaryFailed} retry: it ended at once or did not become ready
 */
export const startPrometheusBinary = async (binary: string, options: PrometheusOptions): Promise<RunningPrometheus> => {
  const { clock, discover, scrapeIntervalMs, host = '127.0.0.1', port = 0, retentionMs = hourMs } = options
  const directory = await mkdtemp(join(tmpdir(), 'serin-prometheus-'))
  const targetsFile = join(directory, 'targets.json')
  const targets = targetsText(discover())
  await writeFile(targetsFile, targets)
  await writeFile(join(directory, 'prometheus.yml'), configText(targetsFile, scrapeIntervalMs))
  const address = `${host}:${port === 0 ? await freePort(host) : port}`
  const child = new Child(binary, flags(directory, { address, retentionMs }))
  const cleanUp = async (): Promise<void> => {
    await child.stop(clock)
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await child.readyAt(`http://${address}`, clock)
  } catch (thrown) {
    await cleanUp()
    throw thrown
  }
  const stopWatching = watchTargets(options, targetsFile, targets)
  return {
    url: `http://${address}`,
    stop: async () => {
      stopWatching()
      await cleanUp()
    },
  }
}

/** Whoever scrapes faster than this cannot wait up to 5 s until the real one scrapes a new target at all. */
const fastestPaceMs = 1000

/** Starts the real Prometheus where a PATH text leads to one that runs and can keep pace, else the embedded one; the log says which. */
export const startBestPrometheus = async (pathText: string, options: PrometheusOptions): Promise<RunningPrometheus> => {
  const binary = options.scrapeIntervalMs < fastestPaceMs ? undefined : await prometheusBinaryOnPath(pathText)
  if (binary === undefined) return startPrometheus(options)
  try {
    const running = await startPrometheusBinary(binary, options)
    options.log.info({ binary, url: running.url }, 'using the prometheus found on the path')
    return running
  } catch (thrown) {
    options.log.warn({ binary, error: messageOf(thrown) }, 'the prometheus found on the path does not run, using the embedded one')
    return startPrometheus(options)
  }
}
