import { describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { readStatus } from '../../src/api/status.ts'
import { type Stage, team } from '../support/stage.ts'
import { initialized, promoted, renamed, standing } from './on-stage.ts'

type Json = unknown

const deep = (depth: number): Json => (depth === 0 ? 'x' : { a: deep(depth - 1) })

/** What may stand where something else belongs. */
const garbage: Readonly<Record<string, Json>> = {
  nothing: undefined,
  null: null,
  'a text': 'garbage',
  'an empty text': '',
  'a negative number': -1,
  'a number that is none': Number.NaN,
  'a number beyond all integers': 2 ** 53,
  'an empty list': [],
  'ten thousand entries': Array.from({ length: 10_000 }, () => 1),
  'a deep object': deep(200),
}

/** A Canary that uses most of what there is. */
const analysis = {
  webhooks: [{ name: 'load', type: 'rollout', url: 'http://hooks.test/', timeout: '5s', metadata: { cmd: 'hey' } }],
  metrics: [{ name: 'request-success-rate', interval: '1m', thresholdRange: { min: 99, max: 100 } }],
  alerts: [{ name: 'chat', severity: 'info', providerRef: { name: 'slack' } }],
  stepWeights: [10, 20],
  stepWeightPromotion: 50,
  sessionAffinity: { cookieName: 'track', maxAge: 60 },
  canaryReadyThreshold: 100,
}
const [, sample] = renamed(team({ analysis, spec: { skipAnalysis: false, suspend: false } }), 'other') as [KubeObject, KubeObject]

/** Paths of every field below a value, lists included. */
const pathsIn = (value: Json, path: readonly string[] = []): readonly (readonly string[])[] => {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : []
  const below = Object.entries(value).flatMap(([name, child]) => pathsIn(child, [...path, name]))
  return path.length > 0 ? [path, ...below] : below
}

const replaced = (value: Json, [name, ...rest]: readonly string[], by: Json): Json => {
  if (name === undefined) return by
  if (Array.isArray(value)) return value.map((one, at) => (String(at) === name ? replaced(one, rest, by) : one))
  return { ...(value as object), [name]: replaced((value as Readonly<Record<string, Json>>)[name], rest, by) }
}

const write = (stage: Stage, spec: Json): number => {
  const found = stage.object(canaryKind, 'other')
  const generation = (found.metadata.generation ?? 1) + 1
  return stage.api.put({ ...found, metadata: { ...found.metadata, generation }, spec } as KubeObject).metadata.generation ?? 0
}

const statusOf = (stage: Stage) => readStatus(stage.object(canaryKind, 'other')['status'])

describe.each(Object.entries(garbage))('%s in any field of a Canary', (_, value) => {
  it('disturbs no other Canary, is answered in its own conditions, and is over when it is put right', async () => {
    const stage = await initialized({ objects: [...team(), ...renamed(team(), 'other')] })
    stage.monitor.allow('S2', 'S8', 'S9', 'S10', 'S13', 'S20', 'S22') // of the one whose spec changes with every look
    await stage.release('v2')
    const mute: string[] = []
    for (const path of pathsIn(sample['spec'])) {
      const generation = write(stage, replaced(sample['spec'], path, value))
      await stage.pass(3)
      if (statusOf(stage).observedGeneration !== generation) mute.push(path.join('.'))
    }
    expect(mute).toEqual([])
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
    write(stage, sample['spec'])
    await stage.pass(5)
    expect(statusOf(stage).conditions?.find(({ type }) => type === 'Stalled')?.status).toBe('False')
    const bugs = stage.io.log.lines.filter(({ fields }) => /TypeError|RangeError|not a function|Cannot read/.test(JSON.stringify(fields)))
    expect(bugs).toEqual([])
  })
})
