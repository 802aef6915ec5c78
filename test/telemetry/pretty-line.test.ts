import { expect, it } from 'vitest'
import { prettyLine } from '../../src/telemetry/pretty-line.ts'

const line = JSON.stringify({ level: 'error', ts: '2026-01-02T03:04:05.678Z', msg: 'lost', error: 'a=b' })

it('a text line quotes what could be taken for another fact', () => {
  expect(prettyLine(line, false)).toBe('03:04:05.678 ERROR lost error="a=b"\n')
})

it('a text line has colours on a terminal', () => {
  expect(prettyLine(line, true)).toContain('\u001b[31mERROR\u001b[39m')
})

it('a line that is no JSON is shown as it is', () => {
  expect(prettyLine('boom\n', false)).toBe('boom\n')
})

it('a text line has values of several lines below it', () => {
  const output = JSON.stringify({ level: 'info', ts: '2026-01-02T03:04:05.678Z', msg: 'done', output: 'a\nb\n', weight: 1 })
  expect(prettyLine(output, false)).toBe('03:04:05.678 INFO  done weight=1\n  output:\n    a\n    b\n')
})
