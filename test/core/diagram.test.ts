import { describe, expect, it } from 'vitest'
import { states } from '../../src/api/phases.ts'
import { mermaid } from '../../src/core/diagram.ts'

describe('the diagram', () => {
  it('shows every state of the machine', () => {
    const text = mermaid()
    const names = states.map(state => (state.includes('.') ? state.replace('.', '_') : state))
    expect(names.filter(name => !text.includes(name))).toEqual([])
  })

  it('names the guard on an arrow', () => {
    expect(mermaid()).toContain('Progressing --> Failed_returning: CHECKS_FAILED [reachesThreshold]')
  })
})
