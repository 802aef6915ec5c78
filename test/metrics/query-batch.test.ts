import { describe, expect, it } from 'vitest'
import { builtInQuery } from '../../src/metrics/built-in-queries.ts'
import { batchOf, bytesInBatch, mayJoin } from '../../src/metrics/query-batch.ts'

describe('a query may join others', () => {
  const names = { namespace: 'demo', target: 'web', service: 'web', ingress: 'web', route: 'web', interval: '1m', isDaemonSet: false }

  it.each(['request-success-rate', 'request-duration'] as const)('when it is the built-in one of %s', metric => {
    const { query, whenSilent = query } = builtInQuery(metric, 'http', names)
    expect([query, whenSilent].map(mayJoin)).toEqual([true, true])
  })

  it.each([
    'up',
    '{__name__="up"}',
    'up offset 5m',
    'up @ 1609746000',
    'up @ start()',
    '-up',
    '(up)',
    'up + 1',
    '1 + up',
    'up > bool 1',
    'time() - up',
    'vector(1)',
    'sum by (job) (up)',
    'count_values("value", up)',
    'label_replace(up, "a", "$1", "b", "(.*)")',
    'max_over_time(rate(a_total[1m])[5m:1m])',
    'a or b and on (c) d unless e',
    'up{a="\\"", b=\'\\\'\', c=`\\`}',
    'up # all of them',
    'up # with a ) or vector(1',
  ])('when it is %s', query => expect(mayJoin(query)).toBe(true))

  it.each([
    ['', 'nothing'],
    ['   ', 'blank'],
    ['# up', 'a comment'],
    ['1', 'a scalar'],
    ['1 + time()', 'a scalar'],
    ['scalar(up)', 'a scalar'],
    ['"text"', 'a text'],
    ['up + "text', 'an open text'],
    ['up[5m]', 'a range'],
    ['up[5m:1m]', 'a subquery'],
    ['up) or vector(1', 'brackets that close ours'],
    ['(up', 'an open bracket'],
    ['up, up', 'two expressions'],
    ['up{a="b', 'an open text'],
    ['up up', 'two names'],
    ['up}', 'a brace too many'],
    ['rate(up', 'an open call'],
    ['up # a\nor vector(1)', 'two lines'],
    ['up # a\r) or vector(1', 'a line break that only some see'],
    ['label_replace(up, "serin_query", "1", "", "")', 'our own mark'],
    ['up{serin_query="1"}', 'our own mark'],
    ['up == up or default(1)', 'a function nobody knows'],
    ['WITH (x = up) x', 'another language'],
    [`up + ${'1 + '.repeat(1000)}1`, 'very long'],
  ])('but not as %j: %s', query => expect(mayJoin(query)).toBe(false))
})

it('a batch marks the series of each query with its place', () => {
  expect(batchOf(['up', 'down # no'])).toBe(
    'label_replace((up\n),"serin_query","0","","") or label_replace((down # no\n),"serin_query","1","","")',
  )
})

it('a batch is no longer than what its queries were counted as', () => {
  const queries = ['up', 'sum(straße)', 'rate(a_total[1m])']
  expect(Buffer.byteLength(batchOf(queries))).toBeLessThanOrEqual(queries.reduce((sum, query) => sum + bytesInBatch(query), 0))
})
