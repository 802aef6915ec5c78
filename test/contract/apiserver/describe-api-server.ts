import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { messageOf } from '../../../src/errors.ts'
import { type Access, type Answered, askServer } from './api-client.ts'
import { chapters } from './contract.ts'
import type { Ability, Answer, Ask, Chapter, ContractCase, Step } from './contract-case.ts'
import { definitions } from './definitions.ts'
import { expected, filled, type Known, valueAtPointer } from './placeholders.ts'

/** An API server that runs. */
export interface RunningServer {
  readonly access: Access
  /** Makes it forget old versions; absent where nobody may do that. */
  readonly compact?: () => Promise<void>
  stop(): Promise<void>
}

/** An API server and how to start it. */
export interface ServerUnderContract {
  readonly name: string
  start(): Promise<RunningServer>
  /** What it has; cases that need more are skipped, and say so. */
  readonly has: readonly Ability[]
  /** Whether it is thrown away afterwards, so that nothing has to be taken away by the cases. */
  readonly isDisposable: boolean
}

/** Controllers work behind the API, on a real cluster behind a queue. */
const eventuallyMs = 80_000
const pauseMs = 50
const caseLimitMs = 100_000
/** As much of an answer as a failing test shows. */
const shownLength = 4000

const unwatched = async (): Promise<void> => {}

const randomName = (): string => `contract-${Array.from({ length: 8 }, () => 'bcdfghjklmnpqrstvwxz'[randomInt(20)]).join('')}`

const check = (answer: Answered, wanted: Answer, known: Known): void => {
  const { code, body, whole = {}, absent = [], warnings, contentType } = wanted
  if (code !== undefined) expect(answer.code).toBe(code)
  if (body !== undefined) expect({ body: answer.body }).toMatchObject({ body: expected(body, known) })
  for (const [pointer, value] of Object.entries(whole)) {
    expect(valueAtPointer(answer.body, filled(pointer, known)), pointer).toEqual(expected(value, known))
  }
  for (const pointer of absent) expect(valueAtPointer(answer.body, filled(pointer, known)), pointer).toBeUndefined()
  if (warnings !== undefined) expect(answer.warnings).toEqual(expected(warnings, known))
  if (contentType !== undefined) expect(answer.contentType).toBe(contentType)
}

/** One run of one case: what it learns on the way. */
class CaseRun {
  readonly #server: RunningServer
  #known: Known

  constructor(server: RunningServer, namespace: string) {
    this.#server = server
    this.#known = { ns: namespace }
  }

  async take(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#step(step)
  }

  async #step([ask, wanted, { keep = {}, eventually } = {}]: Step): Promise<void> {
    const answer = await this.#answer(ask, wanted, Date.now() + (eventually ? eventuallyMs : 0))
    const kept = Object.entries(keep).map(([name, pointer]) => [name, String(valueAtPointer(answer.body, pointer))])
    this.#known = { ...this.#known, ...Object.fromEntries(kept) }
  }

  async #answer(ask: Ask, wanted: Answer, untilMs: number): Promise<Answered> {
    for (;;) {
      const answer = await this.#ask(ask)
      try {
        check(answer, wanted, this.#known)
        return answer
      } catch (thrown) {
        if (Date.now() >= untilMs) throw this.#failure(ask, answer, thrown)
        await sleep(pauseMs)
      }
    }
  }

  #failure({ method, path }: Ask, { code, body }: Answered, thrown: unknown): Error {
    const asked = `${method} ${filled(path, this.#known)}`
    const answered = `${code} ${JSON.stringify(body)?.slice(0, shownLength)}`
    return new Error(`${asked} was answered ${answered}: ${messageOf(thrown)}`, { cause: thrown })
  }

  async #ask(ask: Ask): Promise<Answered> {
    if (ask.compacts) {
      await this.#server.compact?.()
      return { code: 200, body: undefined, warnings: [], contentType: '' }
    }
    const { meanwhile = [], ...request } = ask
    return askServer(filled(request, this.#known), this.#server.access, () => this.take(meanwhile))
  }
}

const namespaces = '/api/v1/namespaces'

/** Runs a case in a namespace of its own, whose name it gives back. */
const runCase = async (server: RunningServer, { steps }: ContractCase, name: string): Promise<void> => {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
  await askServer({ method: 'POST', path: namespaces, body }, server.access, unwatched)
  await new CaseRun(server, name).take(steps)
}

/** Our own definitions and the one the contract brings, served before the first case. */
const prepare = async (server: RunningServer): Promise<void> => {
  const all = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  for (const { body, served } of definitions()) {
    const { name } = body.metadata
    const path = `${all}/${name}?fieldManager=contract&force=true`
    const applying = { method: 'PATCH', path, body, contentType: 'application/apply-patch+yaml' }
    const established = {
      body: { status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Established', status: 'True' })]) } },
    }
    await new CaseRun(server, '').take([
      [applying, {}],
      [{ method: 'GET', path: `${all}/${name}` }, established, { eventually: true }],
      [{ method: 'GET', path: served }, { code: 200 }, { eventually: true }],
    ])
  }
}

/** Declares the tests of one chapter; `run` runs a case. */
const declare = (
  { about, cases, alone, needs }: Chapter,
  { has }: ServerUnderContract,
  run: (one: ContractCase) => Promise<void>,
): void => {
  describe(about, { concurrent: alone !== true }, () => {
    for (const one of cases) {
      const lacks = [needs, one.needs].some(need => need !== undefined && !has.includes(need))
      it(one.name, { skip: lacks, timeout: caseLimitMs }, () => run(one))
    }
  })
}

/** Holds one API server to the contract. */
export const describeApiServer = (server: ServerUnderContract): void => {
  describe(`the contract of ${server.name}`, () => {
    const used: string[] = []
    let running: RunningServer | undefined
    const current = (): RunningServer => running ?? expect.unreachable('the server did not start')
    beforeAll(async () => {
      running = await server.start()
      await prepare(running)
    }, caseLimitMs)
    afterAll(async () => {
      for (const name of server.isDisposable ? [] : used)
        await askServer({ method: 'DELETE', path: `${namespaces}/${name}` }, current().access, unwatched)
      await running?.stop()
    }, caseLimitMs)
    const run = (one: ContractCase): Promise<void> => {
      const name = randomName()
      used.push(name)
      return runCase(current(), one, name)
    }
    for (const chapter of chapters.toSorted((left, right) => Number(left.alone ?? false) - Number(right.alone ?? false))) {
      declare(chapter, server, run)
    }
  })
}
