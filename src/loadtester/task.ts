import type { LoadtesterConfig } from '../config/loadtester-config.ts'
import type { Io } from '../io.ts'
import { type Outcome, runCommand } from './command.ts'
import type { Sample } from './load-report.ts'
import { canaryOf, isYes, type Payload } from './payload.ts'
import { findProgram } from './program-lookup.ts'
import { runHey } from './run-hey.ts'
import { simpleWords } from './shell-words.ts'

/** Something to run for a canary. */
export interface Task {
  readonly canary: string
  readonly type: string
  /** As written in the Canary. */
  readonly command: string
  /** Whether the webhook is answered before the task has ended. */
  readonly background: boolean
  readonly logOutput: boolean
  readonly returnOutput: boolean
  /** Never rejects. */
  run(io: Io): Promise<Outcome>
}

/** What tasks share: where commands are looked up, how long they may run, who counts their requests. */
export type TaskSettings = Pick<LoadtesterConfig, 'path' | 'commandEnv' | 'taskTimeoutMs'> & { readonly onSample: (sample: Sample) => void }

interface TaskType {
  readonly background: boolean
  /** Program and arguments for the text of a command. */
  readonly launch: (command: string) => readonly [program: string, ...args: string[]]
  /** Whether a shell reads the text, so that a first word `hey` means the load generator. */
  readonly shell: boolean
}

/** Splits at blanks, and nothing else: quotes stay. */
const split = (command: string): readonly string[] => command.split(/\s+/).filter(word => word !== '')

const taskTypes: Readonly<Record<string, TaskType>> = {
  cmd: { background: true, shell: true, launch: command => ['sh', '-c', command] },
  bash: { background: false, shell: true, launch: command => ['bash', '-c', command] },
  helm: { background: false, shell: false, launch: command => ['helm', ...split(command)] },
  helmv3: { background: false, shell: false, launch: command => ['helm', ...split(command)] },
  kubectl: { background: false, shell: false, launch: command => ['kubectl', ...split(command)] },
}

/** Types of the field that this load tester does not have. */
const missingTypes = ['concord', 'ngrinder']

export type TaskReading = { readonly ok: true; readonly task: Task } | { readonly ok: false; readonly reason: string }

const refuse = (reason: string): TaskReading => ({ ok: false, reason })

/** The task that a payload asks for, or why there is none. */
export const readTask = (payload: Payload, settings: TaskSettings): TaskReading => {
  const { metadata } = payload
  if (Object.keys(metadata).length === 0) return refuse('metadata not found in payload')
  const name = metadata['type'] ?? 'cmd'
  const type = Object.hasOwn(taskTypes, name) ? taskTypes[name] : undefined
  if (type === undefined) return refuse(unknownType(name))
  const command = metadata['cmd']
  if (command === undefined && name === 'cmd') return refuse('cmd not found in metadata')
  return { ok: true, task: taskOf(payload, { name, type, command: command ?? '' }, settings) }
}

const unknownType = (name: string): string => {
  const known = `expected one of ${Object.keys(taskTypes).join(', ')}`
  return missingTypes.includes(name)
    ? `task type ${name} is not available in this load tester, ${known}`
    : `unknown task type ${name}, ${known}`
}

const taskOf = (
  payload: Payload,
  { name, type, command }: { readonly name: string; readonly type: TaskType; readonly command: string },
  settings: TaskSettings,
): Task => ({
  canary: canaryOf(payload),
  type: name,
  command,
  background: type.background,
  logOutput: !type.background || isYes(payload.metadata['logCmdOutput']),
  returnOutput: isYes(payload.metadata['returnCmdOutput']),
  run: io => {
    const words = type.shell ? embeddedHeyWords(command, settings.path) : undefined
    const { taskTimeoutMs: timeoutMs, commandEnv: env, onSample } = settings
    if (words !== undefined) return runHey({ words, timeoutMs, onSample }, io)
    const [program, ...args] = type.launch(command)
    return runCommand({ program: findProgram(program, settings.path) ?? program, args, env, timeoutMs }, io)
  },
})

/** The words after `hey` when the command is a plain call of it and the machine has no such program. */
const embeddedHeyWords = (command: string, path: string): readonly string[] | undefined => {
  const [program, ...words] = simpleWords(command) ?? []
  return program === 'hey' && findProgram('hey', path) === undefined ? words : undefined
}
