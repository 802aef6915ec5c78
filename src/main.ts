#!/usr/bin/env node
import { runCommand } from './cli/commands.ts'

/** Each program is loaded only when it is asked for: the controller carries nothing of the sandbox in its memory. */
process.exitCode = await runCommand(process.argv.slice(2), {
  controller: async argv => (await import('./run-controller.ts')).runController(argv),
  loadtester: async argv => (await import('./run-loadtester.ts')).runLoadtester(argv),
  sandbox: async argv => (await import('./run-sandbox.ts')).runSandbox(argv),
})

/** By now all is closed. Should something have been forgotten, it must not keep the process alive; this timer does not either. */
const graceMs = 500
setTimeout(() => process.exit(), graceMs).unref()
