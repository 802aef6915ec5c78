import { Command, CommanderError, InvalidArgumentError } from 'commander'

/** What `serin sandbox` was asked for. */
export type SandboxRequest =
  | { readonly kind: 'story'; readonly once: boolean; readonly json: boolean; readonly perSecond: number }
  | { readonly kind: 'release'; readonly version: string | undefined; readonly errorRate: number; readonly latencyMs: number }
  | { readonly kind: 'exit'; readonly code: number }

const between =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= least && value <= most))
      throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`)
    return value
  }

/** Reads the flags; help and mistakes are answered here. */
export const readSandboxFlags = (argv: readonly string[]): SandboxRequest => {
  let request: SandboxRequest = { kind: 'exit', code: 0 }
  const program = new Command('serin sandbox')
    .description('An embedded cluster on this machine: a good version is promoted, then a bad one is rolled back, with real traffic.')
    .option('--once', 'end after the story: exit code 0, or 1 when anything went otherwise', false)
    .option('--json', 'print the summary as one JSON object on the last line', false)
    .option('--rate <n>', 'requests that the client sends each second', between(1, 1000), 120)
    .exitOverride()
    .action((options: { once: boolean; json: boolean; rate: number }) => {
      request = { kind: 'story', once: options.once, json: options.json, perSecond: options.rate }
    })
  program
    .command('release')
    .description('release a version of your own in the sandbox that is running')
    .option('--version <name>', 'its name; the next number when absent')
    .option('--error-rate <share>', 'share of requests it answers with an error', between(0, 1), 0)
    .option('--latency-ms <ms>', 'time it takes for each answer', between(0, 60_000), 0)
    .action((options: { version?: string; errorRate: number; latencyMs: number }) => {
      request = { kind: 'release', version: options.version, errorRate: options.errorRate, latencyMs: options.latencyMs }
    })
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return { kind: 'exit', code: error.exitCode === 0 ? 0 : 2 }
  }
  return request
}
