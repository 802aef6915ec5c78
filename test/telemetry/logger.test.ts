import { describe, expect, it } from 'vitest'
import type { Logger } from '../../src/io.ts'
import { createLogger, type LoggerOptions } from '../../src/telemetry/logger.ts'

/** What a program with these settings writes. */
const written = (options: Partial<LoggerOptions>, speak: (log: Logger) => void): readonly string[] => {
  const lines: string[] = []
  speak(createLogger({ logLevel: 'debug', logFormat: 'json', ...options }, { write: line => lines.push(line) }))
  return lines
}

describe('the logger', () => {
  it('writes one JSON object a line with level, time, facts and message', () => {
    const [line = ''] = written({}, log => log.info({ weight: 20 }, 'shifted traffic'))
    expect(line.endsWith('}\n')).toBe(true)
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      weight: 20,
      msg: 'shifted traffic',
    })
  })

  it.each(['debug', 'info', 'warn', 'error'] as const)('names the level %s', level => {
    const [line = ''] = written({}, log => log[level]({}, 'x'))
    expect(JSON.parse(line)).toMatchObject({ level })
  })

  it('leaves out what is less grave than asked for', () => {
    expect(written({ logLevel: 'warn' }, log => log.info({}, 'x'))).toEqual([])
  })

  it('names a canary as the field does', () => {
    const [line = ''] = written({}, log => log.child({ canary: 'test/podinfo' }).info({}, 'x'))
    expect(JSON.parse(line)).toMatchObject({ canary: 'podinfo.test' })
  })

  it('keeps the facts of its parents', () => {
    const [line = ''] = written({}, log => log.child({ a: 1 }).child({ b: 2 }).warn({ c: 3 }, 'x'))
    expect(JSON.parse(line)).toMatchObject({ a: 1, b: 2, c: 3 })
  })

  it('writes text for people when asked', () => {
    const [line] = written({ logFormat: 'text' }, log =>
      log.info({ canary: 'test/app', weight: 20, why: 'two words', many: [1] }, 'shifted traffic'),
    )
    expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}shifted traffic canary=app\.test weight=20 why="two words" many=\[1\]\n$/)
  })
})
