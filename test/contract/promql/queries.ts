import fc from 'fast-check'

/** Queries of the subset that the embedded evaluator knows, about the series of the dataset: most have an answer, a few are refused. */

const labelNames = fc.constantFrom('canary', 'pod', 'code', 'kind')
const metrics = fc.constantFrom('requests_total', 'load', 'weight', 'odd', 'seconds_bucket', 'seconds_count', 'absent_metric')
const matchers = fc.constantFrom(
  '',
  ...['{canary="a"}', '{canary=~"a|b"}', '{canary!="b"}', '{code!~"5.."}', '{code=~"5.*",canary="a"}', '{pod=""}', "{kind!='nan'}"],
)
const windows = fc.constantFrom('1m', '2m', '90s', '5m')
const numbers = fc.constantFrom('0', '1', '2.5', '-3', '1e3', '0.017')
const shifts = fc.constantFrom('', '', '', ' offset 1m', ' offset 90s', ' offset -30s', ' @ end()')

const selector = fc.tuple(metrics, matchers).map(parts => parts.join(''))
const instant = fc.tuple(selector, shifts).map(parts => parts.join(''))
const range = fc.tuple(selector, windows, shifts).map(([series, window, shift]) => `${series}[${window}]${shift}`)

const overRange = fc.constantFrom(
  ...['rate', 'increase', 'irate', 'delta', 'idelta', 'changes', 'resets', 'deriv', 'avg_over_time', 'sum_over_time', 'min_over_time'],
  ...['max_over_time', 'count_over_time', 'last_over_time', 'present_over_time', 'stddev_over_time', 'stdvar_over_time'],
)
const ofVector = fc.constantFrom(
  'abs',
  'ceil',
  'floor',
  'exp',
  'ln',
  'log2',
  'log10',
  'sqrt',
  'sgn',
  'round',
  'absent',
  'sort',
  'timestamp',
)
const aggregations = fc.constantFrom('sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar')
const groupings = fc.oneof(
  fc.constant(''),
  fc
    .tuple(fc.constantFrom('by', 'without'), fc.uniqueArray(labelNames, { maxLength: 2 }))
    .map(([word, on]) => `${word} (${on.join(', ')})`),
)
const matchings = fc.oneof(
  fc.constant(''),
  fc
    .tuple(fc.constantFrom('on', 'ignoring'), fc.uniqueArray(labelNames, { maxLength: 2 }))
    .map(([word, on]) => `${word} (${on.join(',')})`),
  fc.constantFrom('on (canary) group_left', 'on (canary) group_right', 'on (canary) group_left (pod)'),
)
/** Where rounding in the last digit cannot turn the answer over. */
const bounds = fc.constantFrom('0.0123', '3.3333', '-0.7071', '41.4242')

const call = (name: string, ...args: readonly string[]): string => `${name}(${args.join(', ')})`

const { vector } = fc.letrec<{ vector: string }>(tie => {
  const inner = tie('vector')
  return {
    vector: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'promql', withCrossShrink: true },
      { weight: 3, arbitrary: instant },
      { weight: 3, arbitrary: fc.tuple(overRange, range).map(([name, over]) => call(name, over)) },
      { weight: 3, arbitrary: fc.tuple(aggregations, groupings, inner).map(([op, by, of]) => `${op} ${by} (${of})`) },
      { weight: 2, arbitrary: fc.tuple(ofVector, inner).map(([name, of]) => call(name, of)) },
      {
        weight: 2,
        arbitrary: fc.tuple(inner, fc.constantFrom('+', '-', '*', '/', '%', '^'), numbers).map(parts => `(${parts.join(' ')})`),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(inner, fc.constantFrom('+', '-', '*', '/'), matchings, inner)
          .map(([left, op, on, right]) => `(${left}) ${op} ${on} (${right})`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(inner, fc.constantFrom('>', '<', '>= bool', '<= bool'), bounds)
          .map(([left, ...rest]) => `(${left}) ${rest.join(' ')}`),
      },
      {
        weight: 2,
        arbitrary: fc.tuple(inner, fc.constantFrom('and', 'or', 'unless'), inner).map(([left, op, right]) => `(${left}) ${op} (${right})`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom('0.5', '0.9', '0.99', '0', '1', '1.5'), windows)
          .map(([q, window]) => `histogram_quantile(${q}, sum by (le, canary) (rate(seconds_bucket[${window}])))`),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(inner, labelNames).map(([of, label]) => `label_replace(${of}, "copy", "$1-x", "${label}", "(.*)")`),
      },
      { weight: 1, arbitrary: fc.tuple(inner, numbers).map(([of, least]) => call('clamp_min', of, least)) },
      { weight: 1, arbitrary: fc.tuple(inner, windows).map(([of, window]) => `max_over_time((${of})[${window}:30s])`) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom('quantile_over_time'), range).map(([name, over]) => call(name, '0.8', over)) },
      { weight: 1, arbitrary: inner.map(of => `vector(scalar(${of}))`) },
      { weight: 1, arbitrary: inner.map(of => `-(${of})`) },
    ),
  }
})

/** An expression that gives an instant vector. */
export const vectorQuery = vector

const scalar = fc.constantFrom('1', 'time()', '1 + 2 * 3', 'scalar(weight{canary="a"})', 'pi() > bool 3')
const text = fc.constantFrom('"text"', "'text'")

/** An expression of any type. */
export const anyQuery = fc.oneof(
  { weight: 12, arbitrary: vector },
  { weight: 1, arbitrary: scalar },
  { weight: 1, arbitrary: range },
  { weight: 1, arbitrary: text },
)

const scraps = [
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '`',
    '\\',
    '#',
    ' ',
    ',',
    '\n',
    '\r',
    '=',
    '=~',
    '!~',
    '+',
    '-',
    '*',
    '/',
    '^',
    '%',
    '@',
    ':',
  ],
  ...[
    ' or ',
    ' and ',
    ' unless ',
    ' bool ',
    ' offset ',
    '5m',
    '1',
    '0x1',
    'NaN',
    'Inf',
    'load',
    'sum',
    'rate',
    'vector(1)',
    'label_replace',
  ],
  ...['"serin_query"', 'serin_query', '"0"', '""', 'by', 'on', '() or vector(1', '\n), "serin_query", "0", "", "")', '\u2028', '\0', 'ü'],
]
const scrap = fc.constantFrom(...scraps)

/** Texts that try to be more than one expression, or less: broken queries, and such with something put in or taken out. */
export const hostileQuery = fc.oneof(
  fc.array(scrap, { maxLength: 12 }).map(parts => parts.join('')),
  fc.tuple(vector, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), scrap), { minLength: 1, maxLength: 3 })).map(([query, cuts]) =>
    cuts.reduce((was, [at, length, put]) => {
      const from = at % (was.length + 1)
      return was.slice(0, from) + put + was.slice(from + length)
    }, query),
  ),
)
