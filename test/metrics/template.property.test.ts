import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderQuery } from '../../src/metrics/template/template.ts'
import { TemplateInvalid } from '../../src/metrics/template/template-invalid.ts'

const scraps = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  'name',
  'variables',
  '.',
  '$x',
  ':=',
  '"',
  '`',
  "'",
  '(',
  ')',
  '|',
  'if',
  'range',
  'else',
  'end',
  'printf',
  '%s',
  '/*',
  '*/',
  ' ',
  '1',
  'eq',
  '\\',
]
const anyTemplate = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom(...scraps), { maxLength: 30 }).map(parts => parts.join('')),
)
const anyVariables = fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }))

describe('any template', () => {
  it('renders or is refused with its place, and does nothing else', () =>
    fc.assert(
      fc.property(anyTemplate, anyVariables, (text, variables) => {
        try {
          expect(typeof renderQuery(text, { words: { name: 'podinfo' }, variables })).toBe('string')
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateInvalid)
          expect((error as Error).message).toMatch(/^\d+:\d+: /)
        }
      }),
      { numRuns: 2000 },
    ))

  it('shows each value where it asks for it, as it is', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[\w -]*$/), fc.string({ unit: 'grapheme' }), (key, value) => {
        expect(renderQuery(`<{{ index variables "${key}" }}>`, { words: {}, variables: { [key]: value } })).toBe(`<${value}>`)
      }),
    ))

  it('without an action is its own result', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter(text => !text.includes('{{')),
        text => {
          expect(renderQuery(text, { words: {}, variables: {} })).toBe(text)
        },
      ),
    ))
})
