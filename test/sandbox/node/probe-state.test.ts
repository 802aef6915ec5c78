import { describe, expect, it } from 'vitest'
import { condemns, firstProbeState, observeProbe, type ProbeKind, type ProbeState } from '../../../src/sandbox/node/probe-state.ts'

const thresholds = { successThreshold: 2, failureThreshold: 3 }
/** `+` is a yes, `-` a no. */
const stateAfter = (kind: ProbeKind, answers: string): ProbeState =>
  [...answers].reduce((state, answer) => observeProbe(state, answer === '+', thresholds), firstProbeState(kind))

describe('a readiness probe', () => {
  it.each([
    ['', false],
    ['+', false],
    ['++', true],
    ['+-+', false],
    ['++-', true],
    ['++--', true],
    ['++---', false],
    ['++---+', false],
    ['++---++', true],
    ['++--+--', true],
  ])('after %j passes: %s', (answers, passing) => expect(stateAfter('readiness', answers).passing).toBe(passing))

  it('never has a container restarted', () => expect(condemns('readiness', stateAfter('readiness', '-----'), thresholds)).toBe(false))
})

describe('a liveness probe', () => {
  it('passes before it was ever asked', () => expect(firstProbeState('liveness').passing).toBe(true))

  it.each([
    ['--', false],
    ['---', true],
    ['--+--', false],
    ['+++---', true],
  ])('after %j has the container restarted: %s', (answers, restart) =>
    expect(condemns('liveness', stateAfter('liveness', answers), thresholds)).toBe(restart),
  )
})

it('a startup probe that never passes has the container restarted', () =>
  expect(condemns('startup', stateAfter('startup', '---'), thresholds)).toBe(true))
