import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpositionInvalid, formatOf, parseExposition } from '../../../src/sandbox/prometheus/scrape/exposition.ts'

const one = (text: string, contentType = 'text/plain') => {
  const [sample, ...others] = parseExposition(text, formatOf(contentType))
  if (!sample || others.length > 0) throw new Error('expected one sample')
  return { ...sample, labels: Object.fromEntries(sample.labels) }
}

describe('a line of an exposition', () => {
  it.each([
    ['b 7', { __name__: 'b' }, 7],
    ['b\t7 ', { __name__: 'b' }, 7],
    ['b{} 7', { __name__: 'b' }, 7],
    ['a:b_total{code="200"}7', { __name__: 'a:b_total', code: '200' }, 7],
    ['b { code = "200" , method="GET", } 4.5e3', { __name__: 'b', code: '200', method: 'GET' }, 4500],
    ['b{code="200"method="GET" } 1', { __name__: 'b', code: '200', method: 'GET' }, 1],
    ['b{path="a\\\\b\\"c\\nd\\te"} 1', { __name__: 'b', path: 'a\\b"c\nd\\te' }, 1],
    ['b{sign="{}=,# ü😀"} 1', { __name__: 'b', sign: '{}=,# ü😀' }, 1],
    ['b{le="+Inf"} +Inf', { __name__: 'b', le: '+Inf' }, Number.POSITIVE_INFINITY],
    ['b -Inf', { __name__: 'b' }, Number.NEGATIVE_INFINITY],
    ['b NaN', { __name__: 'b' }, Number.NaN],
    ['b .5', { __name__: 'b' }, 0.5],
    ['b -0', { __name__: 'b' }, -0],
  ])('%s', (line, labels, value) => {
    expect(one(line)).toEqual({ labels, value, timeMs: undefined })
  })

  it('may carry its own time in milliseconds', () => {
    expect(one('b 7 1700000000123').timeMs).toBe(1_700_000_000_123)
  })

  it('carries seconds in OpenMetrics', () => {
    expect(one('b 7 1700000000.123\n# EOF', 'application/openmetrics-text; version=1.0.0').timeMs).toBe(1_700_000_000_123)
  })

  it('may end with an exemplar in OpenMetrics, which is left aside', () => {
    expect(one('b_total{a="x"} 7 # {trace_id="y"} 0.5 1.5\n# EOF', 'application/openmetrics-text').value).toBe(7)
  })

  it.each(['', '  ', '# a comment', '  # a comment', '# HELP b some text', '# TYPE b counter', '# TYPE b histogram', '# EOF'])(
    '%j has no sample',
    line => {
      expect(parseExposition(`${line}\n`)).toEqual([])
    },
  )

  it.each([
    ' b 7',
    'b 7\r',
    'b',
    'b x',
    'b constructor',
    'b 0x10',
    'b 1e400',
    'b 7 x',
    'b 7 1.5',
    'b 7 8 9',
    'b 7 # comment',
    '1b 7',
    'b-c 7',
    'b{ 5',
    'b{,} 7',
    'b{a=x} 7',
    "b{a='x'} 7",
    'b{a="} 7',
    'b{a="1",a="2"} 7',
    'b{__name__="c"} 7',
    '# TYPE b',
    '# TYPE b bogus',
  ])('%j is refused', line => {
    expect(() => parseExposition(`ok 1\n${line}\n`)).toThrow(/^line 2: expected |^line 2: label /)
  })
})

it('reads every label value that is written with escapes', () => {
  fc.assert(
    fc.property(
      fc.string().filter(text => !text.includes('\n')),
      text => {
        const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
        expect(one(`b{a="${escaped}"} 1`).labels['a']).toBe(text)
      },
    ),
  )
})

it('never throws anything but that the text is no exposition', () => {
  const words = fc.constantFrom('b', '{', '}', 'a="1"', ',', ' ', '7', '\n', '#', 'TYPE', '"', '\\', 'NaN')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map(parts => parts.join('')),
      ),
      text => {
        try {
          parseExposition(text)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ExpositionInvalid)
        }
      },
    ),
  )
})
