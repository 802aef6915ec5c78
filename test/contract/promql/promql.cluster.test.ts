import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { splitBatch } from '../../../src/metrics/batch-answer.ts'
import { builtInQuery, type FamilyName } from '../../../src/metrics/built-in-queries.ts'
import { readAnswer } from '../../../src/metrics/prometheus-answer.ts'
import { batchOf, mayJoin } from '../../../src/metrics/query-batch.ts'
import { type BothPrometheuses, findPrometheus, startBoth } from './both.ts'
import { oddExpositions, stepMs } from './dataset.ts'
import { differenceBetween } from './difference.ts'
import { anyQuery, hostileQuery, vectorQuery } from './queries.ts'

const binary = await findPrometheus()
if (binary === undefined) console.error('no prometheus in the cluster or on PATH: the embedded one is NOT held against it')

/** Where this is the truth. */
let both: BothPrometheuses

/** Instants at a sample, between two, and in the middle. */
const instants = (): readonly number[] => [both.lastMs, both.lastMs - stepMs / 2, both.lastMs - 17 * stepMs]

/** One of the two may have missed the last scrape: this process answers it, and may have stood still. */
const patience = { timeout: 60_000, interval: 500 }

/** What the two answer differently. */
const differences = async (queries: readonly string[], times = instants()): Promise<readonly string[]> => {
  const found: string[] = []
  for (const query of queries) {
    for (const atMs of times) {
      const difference = differenceBetween(await both.real(query, atMs), both.embedded(query, atMs))
      if (difference) found.push(`${query} @ ${(atMs - both.lastMs) / 1000} s: ${difference}`)
    }
  }
  return found
}

const families = {
  istio: true,
  linkerd: true,
  appmesh: true,
  contour: true,
  gloo: true,
  kuma: true,
  knative: true,
  osm: true,
  nginx: true,
  skipper: true,
  traefik: true,
  apisix: true,
  http: true,
} as const satisfies Record<FamilyName, true>

const names = { namespace: 'demo', target: 'web', service: 'web', ingress: 'web', route: 'web', interval: '1m', isDaemonSet: false }
const builtIn = (Object.keys(families) as FamilyName[]).flatMap(family =>
  (['request-success-rate', 'request-duration'] as const).map(metric => ({ family, metric, ...builtInQuery(metric, family, names) })),
)

/** Corners that chance seldom finds. */
const corners = [
  ...['odd_text', 'odd_text{exported_job="mine"}', 'odd_text{word="grün"}', 'odd_text{empty=""}'],
  ...['topk(2, load)', 'bottomk by (canary) (1, load)', 'quantile(0.3, load)', 'quantile(1.2, load)', 'count_values("value", weight)'],
  ...['label_join(weight, "both", "-", "canary", "job")', 'label_replace(load, "pod", "", "", "")', 'absent(absent_metric{a="b",c=~"d"})'],
  ...['day_of_week()', 'hour(vector(1e9))', 'days_in_month(vector(951782400))', 'year(load)', 'timestamp(load offset 1m)'],
  ...['weight / on (canary) load', 'load * on (canary) group_left weight', 'load == bool load', 'odd == odd', 'odd != bool odd', '1 / 0'],
  ...[
    'vector(0) / vector(0)',
    '-2 ^ 2',
    '2 ^ 3 ^ 2',
    '7 % -3',
    '-7 % 3',
    '1 + 2 * 3 - 4 / 5',
    'vector(1e300) * 1e300',
    'vector(1e-7)',
    'vector(1e21)',
  ],
  ...[
    'vector(123456789012345680000)',
    'load > 3',
    'load > bool 3',
    '3 < load',
    'load and on (canary) weight',
    'predict_linear(load[5m], 60)',
  ],
  ...[
    'quantile_over_time(0.25, load[5m])',
    'histogram_quantile(0.9, seconds_bucket)',
    'histogram_quantile(2, seconds_bucket)',
    'rate(load[15s])',
  ],
  ...[
    'rate(load[1s])',
    'increase(requests_total[10m])',
    'rate(requests_total[5m] offset 2m)',
    'sum_over_time(weight[1m:15s])',
    'load @ end() - load @ start()',
  ],
  ...[
    'max_over_time(rate(requests_total[1m])[5m:30s] offset 1m)',
    'absent_over_time(load[1m])',
    'scalar(load)',
    '"text"',
    'load[1m]',
    'load[45s] offset 15s',
  ],
  ...[
    'sum(',
    'up up',
    'nope(load)',
    'rate(load)',
    'sum(load[5m])',
    'load + "a"',
    '{}',
    'load{a="b"',
    'load[5m',
    'load or 1',
    'load{canary=~"("}',
  ],
  ...[
    'clamp(load, 2, 1)',
    'clamp_max(load, 2)',
    'round(load, 0.3)',
    'sgn(load - 3)',
    'atan2(load, load)',
    'load atan2 weight',
    'group(load)',
  ],
]

beforeAll(async () => {
  if (binary !== undefined) both = await startBoth(binary)
})
afterAll(() => both?.stop())

describe.skipIf(binary === undefined)('the embedded Prometheus answers like the real one', () => {
  it.each(builtIn)('the built-in $metric of $family', async ({ query, whenSilent }) => {
    expect(await differences(whenSilent ? [query, whenSilent] : [query])).toEqual([])
    expect(readAnswer(await both.real(query, both.lastMs))).toEqual({ value: expect.any(Number) })
  })

  it('200 generated queries', async () => {
    expect(await differences(fc.sample(anyQuery, { seed: 20_261_121, numRuns: 200 }))).toEqual([])
  })

  it.each(oddExpositions.map((text, at) => [text, at + 1] as const))('a target that exposes %j', async (_, at) => {
    const taken = `sum by (__name__) ({instance="target-${at}", __name__!~"scrape_.*"})`
    await expect.poll(() => differences([taken], [Date.now()]), patience).toEqual([])
  })

  it('targets that lose series, fail, or answer nonsense', async () => {
    await both.changeTargets()
    const queries = ['kept', 'lost', 'lost_with_time > bool 0', 'broken', 'unread', 'up{instance=~"target-[a-z]+"}']
    await expect.poll(() => both.real('lost', Date.now()), patience).toMatchObject({ body: { data: { result: [] } } })
    await expect.poll(() => differences(queries, [Date.now()]), patience).toEqual([])
  })

  it('a dot in a pattern, which stands for a line break too since version 3', async ({ skip }) => {
    skip(both.version.startsWith('2.'), `the real one is ${both.version}`)
    expect(await differences(['odd_text{break=~"a.b"}'])).toEqual([])
  })

  it.each(corners)('%s', async query => expect(await differences([query])).toEqual([]))
})

describe.skipIf(binary === undefined)('a batch, asked of the real Prometheus', () => {
  const alone = async (query: string) => readAnswer(await both.real(query, both.lastMs))
  const together = async (queries: readonly string[]) =>
    splitBatch(await both.real(batchOf(queries), both.lastMs), queries.length)?.map(answer => readAnswer(answer))

  it('says of every built-in query what it says alone', async () => {
    const queries = builtIn.map(({ query }) => query)
    expect(await together(queries)).toEqual(await Promise.all(queries.map(alone)))
  })

  it('never says anything but what each says alone, whatever joins', async () => {
    const anything = fc.oneof(vectorQuery, anyQuery, hostileQuery).map(query => query.replace(/\s+/g, ' '))
    const batches = fc.sample(fc.array(anything, { minLength: 2, maxLength: 6 }), { seed: 20_261_121, numRuns: 150 })
    for (const batch of batches) {
      const queries = batch.filter(mayJoin)
      const answers = await together(queries)
      if (answers) expect(answers).toEqual(await Promise.all(queries.map(alone)))
    }
  })

  it('takes in no query that breaks out of its brackets', async () => {
    const hostile = fc.sample(hostileQuery, { seed: 20_261_121, numRuns: 1500 }).map(query => query.replace(/\s+/g, ' '))
    for (const query of hostile.filter(mayJoin)) {
      const answers = await together(['vector(42)', query, 'vector(43)'])
      if (answers) expect([answers[0], answers[2]]).toEqual([{ value: 42 }, { value: 43 }])
    }
  })
})
