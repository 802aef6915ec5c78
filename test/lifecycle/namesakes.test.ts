import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { readStatus } from '../../src/api/status.ts'
import { imageOf } from '../support/cluster-hands.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { httpRouteKind, template } from '../support/team.ts'

/* Two teams call everything the same, each in its namespace. */

let stage: Stage
afterEach(() => stage.stop())

const moved = (object: KubeObject): KubeObject =>
  JSON.parse(JSON.stringify(object).replaceAll('"namespace":"test"', '"namespace":"other"')) as KubeObject

const of = (namespace: string, kind: KindRef, name = 'podinfo'): KubeObject => {
  const found = stage.api.stored(kind, { namespace, name })
  if (!found) throw new Error(`no ${kind.kind} ${name} in ${namespace}`)
  return found
}

const release = (namespace: string, version: string): void => {
  const found = of(namespace, deploymentKind)
  stage.api.put({
    ...found,
    metadata: { ...found.metadata, generation: (found.metadata.generation ?? 1) + 1 },
    spec: { ...(found['spec'] as object), replicas: 2, template: template(version) },
  })
}

const phase = (namespace: string): string | undefined => readStatus(of(namespace, canaryKind)['status']).phase
const primary = (namespace: string): string => imageOf(of(namespace, deploymentKind, 'podinfo-primary'))
const routes = (namespace: string): unknown =>
  (of(namespace, httpRouteKind)['spec'] as { rules: { backendRefs: { weight: number }[] }[] }).rules[0]?.backendRefs.map(
    ({ weight }) => weight,
  )
const standing = (namespace: string) => [phase(namespace), primary(namespace), routes(namespace)]

beforeEach(async () => {
  const objects = team()
  stage = await createStage({ objects: [...objects, ...objects.map(moved)] })
  await stage.until(() => ['test', 'other'].every(namespace => phase(namespace) === 'Initialized'))
})

describe('Canaries of one name in two namespaces', () => {
  it('have a primary each', () => expect(['test', 'other'].map(primary)).toEqual(['podinfo:v1', 'podinfo:v1']))

  it('are released apart from each other', async () => {
    release('other', 'v2')
    await stage.until(() => phase('other') === 'Succeeded')
    expect([standing('other'), standing('test')]).toEqual([
      ['Succeeded', 'podinfo:v2', [100, 0]],
      ['Initialized', 'podinfo:v1', [100, 0]],
    ])
  })

  it('take each their own share while both are released', async () => {
    release('test', 'v2')
    await stage.until(() => JSON.stringify(routes('test')) === '[60,40]')
    release('other', 'v3')
    await stage.until(() => phase('test') === 'Succeeded')
    expect(['Progressing', primary('other')]).toEqual([phase('other'), 'podinfo:v1'])
    await stage.until(() => phase('other') === 'Succeeded')
    expect([primary('test'), primary('other')]).toEqual(['podinfo:v2', 'podinfo:v3'])
  })

  it('go without each other', async () => {
    stage.api.drop(canaryKind, { namespace: 'other', name: 'podinfo' })
    release('test', 'v2')
    await stage.until(() => phase('test') === 'Succeeded')
    expect(standing('test')).toEqual(['Succeeded', 'podinfo:v2', [100, 0]])
  })
})
