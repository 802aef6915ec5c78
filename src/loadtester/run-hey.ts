import { readFile } from 'node:fs/promises'
import { formatDurationMs } from '../duration.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Outcome } from './command.ts'
import { readHeyCommand } from './hey-command.ts'
import { heySummary } from './hey-summary.ts'
import { type LoadPlan, runLoad } from './load-generator.ts'
import type { Sample } from './load-report.ts'

export interface HeyRun {
  /** The words after `hey`. */
  readonly words: readonly string[]
  readonly timeoutMs: number
  readonly onSample: (sample: Sample) => void
}

/** Runs a hey command line on the embedded load generator. Never rejects: what is wrong with the command is a failure, as if hey had said it. */
export const runHey = async ({ words, timeoutMs, onSample }: HeyRun, io: Io): Promise<Outcome> => {
  const command = readHeyCommand(words)
  if (!command.ok) return { output: `${command.reason}\n`, failure: 'exit status 1' }
  const body = await readBodyFile(command.bodyFile)
  if (!body.ok) return { output: `hey: -D: ${body.reason}\n`, failure: 'exit status 1' }
  const plan = { ...command.plan, ...(body.text === '' ? {} : { body: body.text }), onSample }
  const { output, failure } = await runWithin(timeoutMs, plan, io)
  return { output: [...command.notes.map(note => `hey: ${note}\n`), output].join(''), ...(failure === undefined ? {} : { failure }) }
}

const readBodyFile = async (file: string): Promise<{ ok: true; text: string } | { ok: false; reason: string }> => {
  if (file === '') return { ok: true, text: '' }
  try {
    return { ok: true, text: await readFile(file, 'utf8') }
  } catch (thrown) {
    return { ok: false, reason: messageOf(thrown) }
  }
}

/** The summary of what was sent, also when the time-out or the program's end cut the run short. */
const runWithin = async (timeoutMs: number, plan: LoadPlan, io: Io): Promise<Outcome> => {
  const ending = new AbortController()
  const pass = () => ending.abort(io.signal.reason)
  const cancel = io.clock.schedule(timeoutMs, () => ending.abort(new Error(`timed out after ${formatDurationMs(timeoutMs)}`)))
  if (io.signal.aborted) pass()
  io.signal.addEventListener('abort', pass, { once: true })
  try {
    const output = heySummary(await runLoad(plan, { ...io, signal: ending.signal }))
    return { output, ...(ending.signal.aborted ? { failure: messageOf(ending.signal.reason) } : {}) }
  } finally {
    cancel()
    io.signal.removeEventListener('abort', pass)
  }
}
