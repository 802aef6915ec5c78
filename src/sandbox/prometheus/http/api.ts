import type { Clock } from '../../../clock.ts'
import type { Engine, EngineOptions } from '../engine/engine.ts'
import { createEngine } from '../engine/engine.ts'
import { parse } from '../promql/parse.ts'
import { QueryError } from '../promql/query-error.ts'
import type { TargetLoop } from '../scrape/target-loop.ts'
import { labelValue, recordOf } from '../storage/labels.ts'
import type { Series } from '../storage/series.ts'
import type { Storage } from '../storage/storage.ts'
import type { Answer } from './answers.ts'
import { instantData, matrixData, plainText, success } from './answers.ts'
import type { Params } from './params.ts'
import { durationParam, namingParameter, requiredDurationParam, requiredTimeParam, timeParam } from './params.ts'
import { rootPage } from './root-page.ts'
import { targetsData } from './targets-data.ts'

const longestTimeoutMs = 120_000
const mostPoints = 11_000

/** What the routes answer from. */
export interface ApiWorld {
  readonly clock: Clock
  readonly storage: Storage
  readonly intervalMs: number
  readonly engineOptions: EngineOptions
  loops(): readonly TargetLoop[]
}

/** `name` is the variable part of the path, where the route has one. */
export type Route = (params: Params, world: ApiWorld, name: string) => Answer

const deadline = (params: Params, { clock }: ApiWorld): (() => void) => {
  const timeoutMs = Math.min(durationParam(params, 'timeout') ?? longestTimeoutMs, longestTimeoutMs)
  const endMs = clock.monotonicMs() + timeoutMs
  return () => {
    if (clock.monotonicMs() > endMs) throw new QueryError('timeout', 'query timed out in expression evaluation')
  }
}

const engineFor = (params: Params, world: ApiWorld): Engine => {
  const lookbackMs = durationParam(params, 'lookback_delta')
  return createEngine(world.storage, {
    ...world.engineOptions,
    ...(lookbackMs ? { lookbackMs } : {}),
    checkpoint: deadline(params, world),
  })
}

const query: Route = (params, world) => {
  const timeMs = timeParam(params, 'time') ?? Math.round(world.clock.nowMs())
  const engine = engineFor(params, world)
  return success(
    instantData(
      namingParameter('query', () => engine.instant(params.get('query') ?? '', timeMs)),
      timeMs,
    ),
  )
}

const rangeProblem = (startMs: number, endMs: number, stepMs: number): string | undefined => {
  if (endMs < startMs) return 'invalid parameter "end": end timestamp must not be before start time'
  if (stepMs <= 0) return 'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer'
  if ((endMs - startMs) / stepMs <= mostPoints) return undefined
  return 'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)'
}

const queryRange: Route = (params, world) => {
  const startMs = requiredTimeParam(params, 'start')
  const endMs = requiredTimeParam(params, 'end')
  const stepMs = requiredDurationParam(params, 'step')
  const problem = rangeProblem(startMs, endMs, stepMs)
  if (problem) throw new QueryError('bad_data', problem)
  const engine = engineFor(params, world)
  return success(matrixData(namingParameter('query', () => engine.range(params.get('query') ?? '', { startMs, endMs, stepMs }))))
}

/** The series that the `match[]` parameters name, within `start` and `end` where they are given. */
const matching = (params: Params, { storage }: ApiWorld): readonly Series[] => {
  const startMs = timeParam(params, 'start') ?? Number.NEGATIVE_INFINITY
  const endMs = timeParam(params, 'end') ?? Number.POSITIVE_INFINITY
  const selectors = params.getAll('match[]').map(text =>
    namingParameter('match[]', () => {
      const selector = parse(text)
      if (selector.kind !== 'selector') throw new QueryError('bad_data', `expected a series selector, got ${JSON.stringify(text)}`)
      return selector.matchers
    }),
  )
  const found = selectors.length === 0 ? storage.select([]) : selectors.flatMap(matchers => storage.select(matchers))
  return [...new Set(found)].filter(({ firstMs, lastMs }) => firstMs <= endMs && lastMs >= startMs)
}

const series: Route = (params, world) => {
  if (!params.has('match[]')) throw new QueryError('bad_data', 'no match[] parameter provided')
  return success(matching(params, world).map(({ labels }) => recordOf(labels)))
}

const sortedUnique = (texts: readonly string[]): string[] => [...new Set(texts)].sort()

const labels: Route = (params, world) =>
  success(sortedUnique(matching(params, world).flatMap(({ labels: own }) => own.map(([name]) => name))))

const labelValues: Route = (params, world, name) =>
  success(
    sortedUnique(
      matching(params, world)
        .map(({ labels: own }) => labelValue(own, name))
        .filter(value => value !== ''),
    ),
  )

/** The version whose semantics the evaluator follows, marked as ours. */
const buildInfo = { version: '3.15.0+serin', revision: '', branch: '', buildUser: '', buildDate: '', goVersion: '' }

/** Routes by path; `*` stands for one variable part. */
export const routes: Readonly<Record<string, { readonly methods: readonly string[]; readonly run: Route }>> = {
  '/api/v1/query': { methods: ['GET', 'POST'], run: query },
  '/api/v1/query_range': { methods: ['GET', 'POST'], run: queryRange },
  '/api/v1/series': { methods: ['GET', 'POST'], run: series },
  '/api/v1/labels': { methods: ['GET', 'POST'], run: labels },
  '/api/v1/label/*/values': { methods: ['GET'], run: labelValues },
  '/api/v1/targets': { methods: ['GET'], run: (_, world) => success(targetsData(world.loops(), world.intervalMs)) },
  '/api/v1/status/buildinfo': { methods: ['GET'], run: () => success(buildInfo) },
  '/-/ready': { methods: ['GET', 'HEAD'], run: () => plainText(200, 'Prometheus Server is Ready.\n') },
  '/-/healthy': { methods: ['GET', 'HEAD'], run: () => plainText(200, 'Prometheus Server is Healthy.\n') },
  '/': { methods: ['GET'], run: () => ({ status: 200, contentType: 'text/html; charset=utf-8', body: rootPage }) },
}
