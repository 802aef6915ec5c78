import { Command, CommanderError } from 'commander'
import { mermaid } from '../core/diagram.ts'
import { version } from './version.ts'

/** A program of its own, with flags of its own; answers with its exit code. */
export type Run = (argv: readonly string[]) => Promise<number>

export interface Programs {
  readonly controller: Run
  readonly loadtester: Run
  readonly sandbox: Run
}

/** Runs the command that `argv` names; answers with the exit code. */
export const runCommand = async (argv: readonly string[], programs: Programs): Promise<number> => {
  let exitCode = 0
  const [name, ...rest] = argv
  // The controller's flags may have one dash, as manifests of the field write them: they are read by the program itself.
  if (name === 'controller' || name === 'loadtester' || name === 'sandbox') return programs[name](rest)
  const program = commands(code => {
    exitCode = code
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    throw error
  }
  return exitCode
}

const commands = (exit: (code: number) => void): Command => {
  const program = new Command('serin')
    .description('Progressive delivery for Kubernetes: canary releases decided on evidence.')
    .version(version)
    .exitOverride()
    .helpCommand(false)
  program.command('controller').description('Run the controller. Its flags: serin controller -h')
  program.command('loadtester').description('Run the load tester that webhooks talk to. Its flags: serin loadtester -h')
  program.command('sandbox').description('Show a promotion and a rollback on an embedded cluster. Its flags: serin sandbox -h')
  program
    .command('graph')
    .description('Print the state machine of a rollout as a Mermaid diagram.')
    .action(() => {
      process.stdout.write(mermaid())
    })
  program.action(() => {
    program.outputHelp()
    exit(2)
  })
  return program
}
