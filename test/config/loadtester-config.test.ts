import { describe, expect, it } from 'vitest'
import { readLoadtesterConfig } from '../../src/config/loadtester-config.ts'

describe('the configuration of the load tester', () => {
  it('has the defaults of the field', () => {
    expect(readLoadtesterConfig([], { PATH: '/bin', HOME: '/home/app' })).toEqual({
      kind: 'run',
      notes: [],
      config: {
        host: '',
        port: 9090,
        taskTimeoutMs: 3_600_000,
        namespaceRegexp: undefined,
        logLevel: 'debug',
        logFormat: 'json',
        path: '/bin',
        commandEnv: { PATH: '/bin', HOME: '/home/app' },
      },
    })
  })

  it('takes the arguments that the published chart writes', () => {
    const reading = readLoadtesterConfig(['-port=8080', '-log-level=info', '-timeout=1h', '-namespace-regexp='], {})
    expect(reading).toMatchObject({ kind: 'run', config: { port: 8080, namespaceRegexp: undefined } })
  })

  it('reads a regular expression of namespaces', () => {
    expect(readLoadtesterConfig(['-namespace-regexp=^test$'], {})).toMatchObject({ config: { namespaceRegexp: /^test$/ } })
  })

  it('refuses a regular expression that is none', () => {
    expect(readLoadtesterConfig(['-namespace-regexp=('], {})).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('-namespace-regexp: expected a regular expression, got "("'),
    })
  })

  it('refuses commands without any time', () => {
    expect(readLoadtesterConfig(['-timeout=0'], {}).kind).toBe('refused')
  })
})
