import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { Clock } from '../../../clock.ts'
import { sleep } from '../../../clock.ts'
import { CanaryError } from '../../../errors.ts'

const readyWithinMs = 30_000
const graceMs = 10_000
const pollMs = 100
const keptStderr = 4096

/** The program came with an error, or was not ready in time. */
class BinaryFailed extends CanaryError {
  readonly code = 'PrometheusBinaryFailed'
  readonly disposition = 'retry'
}

/** A port that was free a moment ago. */
export const freePort = (host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, host, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** A program of ours that runs until told to stop. */
export class Child {
  readonly #process: ChildProcess
  readonly #exited: Promise<string>
  #stderr = ''

  constructor(binary: string, args: readonly string[]) {
    this.#process = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr)
    })
    this.#exited = new Promise(resolve => {
      this.#process.once('error', error => resolve(`could not start: ${error.message}`))
      this.#process.once('close', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`))
    })
  }

  /** @throws {BinaryFailed} retry: it ended, or did not answer in time; the message has its last words */
  async readyAt(url: string, clock: Clock): Promise<void> {
    const untilMs = clock.monotonicMs() + readyWithinMs
    for (;;) {
      const state = await Promise.race([this.#answers(url), this.#exited])
      if (state === true) return
      if (state !== false) throw new BinaryFailed(`prometheus ${state}: ${this.#stderr.trim().split('\n').slice(-3).join(' ')}`)
      if (clock.monotonicMs() > untilMs) throw new BinaryFailed(`prometheus was not ready within ${readyWithinMs} ms`)
      await sleep(clock, pollMs)
    }
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(clock: Clock): Promise<void> {
    this.#process.kill('SIGTERM')
    const giveUp = clock.schedule(graceMs, () => this.#process.kill('SIGKILL'))
    await this.#exited
    giveUp()
  }

  async #answers(url: string): Promise<boolean> {
    const response = await fetch(`${url}/-/ready`).catch(() => undefined)
    await response?.body?.cancel()
    return response?.ok ?? false
  }
}
