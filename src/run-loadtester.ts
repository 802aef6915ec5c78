import { version } from './cli/version.ts'
import { systemClock } from './clock.ts'
import { readLoadtesterConfig } from './config/loadtester-config.ts'
import { startLoadTester } from './loadtester/load-tester.ts'
import { untilStopped } from './stop-signals.ts'
import { createLogger } from './telemetry/logger.ts'

/** `serin loadtester`: serves gates and tasks until SIGTERM. */
export const runLoadtester = async (argv: readonly string[]): Promise<number> => {
  const reading = readLoadtesterConfig(argv)
  if (reading.kind === 'refused') {
    process.stderr.write(reading.text)
    return reading.exitCode
  }
  if (reading.kind !== 'run') {
    process.stdout.write(reading.kind === 'help' ? reading.text : `${version}\n`)
    return 0
  }
  const { config } = reading
  const tester = await startLoadTester({ config, clock: systemClock(), log: createLogger(config) })
  await untilStopped()
  await tester.stop()
  return 0
}
