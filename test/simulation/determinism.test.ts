import { expect, it } from 'vitest'
import { storyOf, tell } from './run-seed.ts'

it.each([1, 2, 3])('seed %i tells the same story twice, byte for byte', async seed => {
  const [first, second] = [await tell(storyOf(seed)), await tell(storyOf(seed))]
  expect(first.trace.join('\n')).toBe(second.trace.join('\n'))
})
