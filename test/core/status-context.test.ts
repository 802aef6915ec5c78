import { describe, expect, it } from 'vitest'
import { phaseOf, states } from '../../src/api/phases.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { aRevision } from '../support/builders.ts'

const pins = { analysed: aRevision('v2').pin, promoted: aRevision('v1').pin }

describe('the state of a stored status', () => {
  it.each(states)('is read back as it was stored: %s', state =>
    expect(stateOf({ phase: phaseOf(state), ...(state.includes('.') && { state }), ...pins })).toBe(state),
  )

  it.each([
    ['a step of another phase, which somebody who knows no steps left there', 'Promoting.sizing'],
    ['a step that we do not know', 'Progressing.later'],
  ])('begins its phase with %s', (_, state) => expect(stateOf({ phase: 'Progressing', state, ...pins })).toBe('Progressing.scaling'))

  it.each([undefined, '', 'Terminated'] as const)('is the first one without a phase that says something: %j', phase =>
    expect(stateOf(phase === undefined ? {} : { phase })).toBe('Initializing.creating'),
  )
})
