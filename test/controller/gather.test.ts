import { describe, expect, it } from 'vitest'
import { type GatherTools, gather } from '../../src/controller/gather.ts'
import { aCanary, answer, successRate } from '../support/builders.ts'
import { testIo } from '../support/io.ts'

const hook = (name: string, type: string) => ({ name, type, url: 'http://hooks.test/' })
const canary = aCanary({
  analysis: {
    stepWeight: 10,
    metrics: [{ name: 'request-success-rate' }],
    webhooks: [hook('load', 'rollout'), hook('gate', 'confirm-promotion')],
  },
})
const questions = { hooks: ['rollout', 'confirm-promotion'], metrics: true } as const

/** A load test that answers only when it is called off. */
const tools = (value: number): GatherTools & { readonly calledOff: string[] } => {
  const calledOff: string[] = []
  return {
    calledOff,
    measurer: { measure: async () => [successRate(value)], probe: async () => [] },
    hooks: {
      call: ({ hook: { name } }, io) =>
        name === 'gate'
          ? Promise.resolve(answer('confirm-promotion', true, name))
          : new Promise(resolve => {
              io.signal.addEventListener('abort', () => {
                calledOff.push(name)
                resolve(answer('rollout', false, name))
              })
            }),
    },
  }
}

describe('gathering evidence', () => {
  it('does not wait for a hook that hangs when a metric has failed already', async () => {
    const hanging = tools(50)
    const evidence = await gather({ canary, questions, phase: 'Progressing', nowMs: 0 }, hanging, testIo())
    expect(evidence.measurements).toHaveLength(1)
    expect(evidence.answers.map(({ name }) => name)).not.toContain('load')
    expect(hanging.calledOff).toEqual(['load'])
  })

  it('waits for everybody while all is well', async () => {
    const stopping = new AbortController()
    const pending = gather({ canary, questions, phase: 'Progressing', nowMs: 0 }, tools(100), testIo({ signal: stopping.signal }))
    stopping.abort()
    expect((await pending).answers.map(({ name }) => name).toSorted()).toEqual(['gate', 'load'])
  })

  it('asks a gate no more that approved at this step', async () => {
    const granted = { ...canary, status: { grants: ['gate'] } }
    const { answers } = await gather(
      { canary: granted, questions: { ...questions, hooks: ['confirm-promotion'] }, phase: 'Progressing', nowMs: 0 },
      tools(100),
      testIo(),
    )
    expect(answers).toEqual([])
  })
})
