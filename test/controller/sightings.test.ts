import { describe, expect, it } from 'vitest'
import { createSightings } from '../../src/controller/sightings.ts'

describe('what is known of when a template changed', () => {
  it('is when it was first seen', () => {
    const sightings = createSightings()
    expect([sightings.since('test/app', 'a', 1), sightings.since('test/app', 'a', 2)]).toEqual([1, 1])
  })

  it('begins anew with each change, also back to one that was seen before', () => {
    const sightings = createSightings()
    expect(['a', 'b', 'a'].map((hash, atMs) => sightings.since('test/app', hash, atMs))).toEqual([0, 1, 2])
  })

  it('is of each Canary by itself, and forgotten with it', () => {
    const sightings = createSightings()
    sightings.since('test/app', 'a', 1)
    expect(sightings.since('test/other', 'a', 2)).toBe(2)
    sightings.forget('test/app')
    expect(sightings.since('test/app', 'a', 3)).toBe(3)
  })
})
