import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventKind, leaseKind } from '../../src/api/kinds.ts'
import { type Bench, io, openBench } from '../integration/controller-process.ts'
import { createStage, type Stage } from '../support/stage.ts'
import { promoted, standing } from './on-stage.ts'

const writes = (stage: Stage): number =>
  stage.api.requests.filter(({ verb }) => ['create', 'apply', 'patch', 'updateStatus', 'delete'].includes(verb)).length

/** Asks the process to end right before the n-th request of a rollout; another one starts when it has. */
const askedToEndAt = async (call: number) => {
  let first = Number.POSITIVE_INFINITY
  let leader: ReturnType<Stage['startAnother']> | undefined
  let wasAsked = false
  const stage: Stage = await createStage({
    downMs: 1e9, // the first process is nobody here: the one that is asked to end is another
    onCall: ({ number }) => {
      if (number === 1) return 'dies before'
      if (number - first === call && leader) {
        leader.stop()
        wasAsked = true
      }
      return undefined
    },
  })
  leader = stage.startAnother()
  await stage.untilRest('Initialized')
  first = stage.plugged.length
  await stage.release('v2')
  await stage.until(() => wasAsked || stage.phase === 'Succeeded')
  await stage.pass(2)
  const settled = writes(stage)
  await stage.pass(10)
  const afterwards = wasAsked ? writes(stage) - settled : 0
  const next = wasAsked ? stage.startAnother() : undefined
  await stage.untilRest('Succeeded')
  const outcome = { calls: stage.plugged.length - first, afterwards, end: standing(stage) }
  for (const one of [leader, next]) one?.stop()
  await stage.stop()
  return outcome
}

describe('a process that is asked to end at any request of a rollout', () => {
  it('settles what is under way, writes nothing more, and the next one goes on from there', async () => {
    const { calls } = await askedToEndAt(0)
    for (let call = 1; call <= calls; call += 1) {
      const { afterwards, end } = await askedToEndAt(call)
      expect({ call, afterwards, end }).toEqual({ call, afterwards: 0, end: promoted })
    }
    expect(calls).toBeGreaterThan(10)
  })
})

/** Programs start slowly where many do at once. */
const slow = 90_000
const lease = { namespace: 'default', name: 'serin-leader-election' }
const election = ['-enable-leader-election=true', '-leader-election-namespace=default']

const leaseIn = async ({ connection }: Bench) => connection.api.get(leaseKind, lease, io)
const holderIn = async (bench: Bench) =>
  ((await leaseIn(bench))?.['spec'] as { readonly holderIdentity?: string } | undefined)?.holderIdentity

describe('a leader', () => {
  let bench: Bench
  let last: { readonly lease: number; readonly events: readonly number[] }
  let exitCode: number | null
  let holder: string | undefined

  beforeAll(async () => {
    bench = await openBench()
    await bench.start('"leading"', election)
    exitCode = await bench.signal('SIGTERM').ended
    holder = await holderIn(bench)
    const versionOf = (object: { readonly metadata: { readonly resourceVersion?: string } } | undefined) =>
      Number(object?.metadata.resourceVersion)
    const { items } = await bench.connection.api.list(eventKind, {}, io)
    last = { lease: versionOf(await leaseIn(bench)), events: items.map(versionOf) }
  }, slow)
  afterAll(() => bench.close())

  it('that is asked to end exits with 0', () => expect(exitCode).toBe(0))

  it('gives its lease back, and that is the last thing it writes', () => {
    expect(holder).toBe('')
    expect(last.lease).toBeGreaterThan(Math.max(0, ...last.events))
  })
})

describe('a leader that is in a hurry', () => {
  it(
    'ends at the second signal, whatever it is doing',
    async () => {
      const bench = await openBench()
      await bench.start('"leading"', election)
      const code = await bench.signal('SIGTERM', 'SIGTERM').ended
      await bench.close()
      expect([0, 1]).toContain(code)
    },
    slow,
  )

  it(
    'that is killed leaves its lease as it is, and another one leads when that is over',
    async () => {
      const bench = await openBench()
      const quick = [...election, '-lease-duration=5s', '-renew-deadline=4s', '-retry-period=500ms']
      await bench.start('"leading"', quick)
      const before = await holderIn(bench)
      await bench.signal('SIGKILL').ended
      expect(await holderIn(bench)).toBe(before)
      const leading = bench.hear('"leading"')
      await bench.start('serving health and metrics', quick)
      await leading
      expect(await holderIn(bench)).not.toBe(before)
      await bench.close()
    },
    slow,
  )
})
