import { describe, expect, it } from 'vitest'
import { DemoOptionsInvalid, flagsOfEnvironment, readDemoOptions } from '../../../src/sandbox/programs/demo-options.ts'

describe('the options of the demo application', () => {
  it('have sensible defaults', () => {
    expect(readDemoOptions([])).toMatchObject({
      host: '127.0.0.1',
      ports: [9898],
      version: 'v1',
      errorRate: 0,
      latencyMs: 0,
      drainMs: 2000,
    })
  })

  it('come from flags', () => {
    const argv = ['--host', '127.1.2.3', '--port=1', '--port=2', '--pod', 'app-1', '--error-rate=0.05', '--latency-ms=40']
    expect(readDemoOptions(argv)).toMatchObject({ host: '127.1.2.3', ports: [1, 2], pod: 'app-1', errorRate: 0.05, latencyMs: 40 })
  })

  it('come from the environment of a pod', () => {
    const env = {
      VERSION: 'v2',
      COLOR: 'green',
      MESSAGE: 'hello you',
      ERROR_RATE: '0.5',
      STARTUP_DELAY_MS: '100',
      OTHER: 'x',
      DRAIN_MS: '',
    }
    expect(readDemoOptions(flagsOfEnvironment(env))).toMatchObject({
      version: 'v2',
      color: 'green',
      message: 'hello you',
      errorRate: 0.5,
      startupDelayMs: 100,
      drainMs: 2000,
    })
  })

  it.each([
    ['--error-rate=1.5', '--error-rate: expected a number from 0 to 1, got "1.5"'],
    ['--error-rate=', '--error-rate: expected a number from 0 to 1, got ""'],
    ['--latency-ms=fast', '--latency-ms: expected a number from 0 to 3600000, got "fast"'],
    ['--port=70000', '--port: expected a number from 0 to 65535, got "70000"'],
    ['--colour=red', "Unknown option '--colour'"],
  ])('%s is refused', (flag, message) => {
    expect(() => readDemoOptions([flag])).toThrow(DemoOptionsInvalid)
    expect(() => readDemoOptions([flag])).toThrow(message)
  })
})
