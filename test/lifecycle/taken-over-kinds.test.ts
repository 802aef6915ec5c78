import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, daemonSetKind, deploymentKind, eventKind, knativeServiceKind, serviceKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { normalised } from '../../src/targets/canonical.ts'
import { knativeRevisionKind } from '../../src/targets/knative-revision.ts'
import { createStage, httpRouteKind, type Stage, team } from '../support/stage.ts'
import { coreService, type TeamChange, template } from '../support/team.ts'
import { phases } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>
type Kind = NonNullable<TeamChange['kind']>

let stage: Stage
afterEach(() => stage.stop())

const kinds: readonly KindRef[] = [
  deploymentKind,
  daemonSetKind,
  serviceKind,
  knativeServiceKind,
  knativeRevisionKind,
  httpRouteKind,
  canaryKind,
]
const specOf = (object: KubeObject): Fields => (object['spec'] ?? {}) as Fields
/** As an API server stores it: without what says nothing. */
const storedSpec = (object: KubeObject): unknown => normalised(specOf(object))
const all = (): readonly KubeObject[] => kinds.flatMap(kind => stage.api.storedAll(kind))

const targets: Readonly<Record<Kind, KindRef>> = {
  Deployment: deploymentKind,
  DaemonSet: daemonSetKind,
  Service: serviceKind,
  Knative: knativeServiceKind,
}

/** The next version of the target, as its user would apply it. */
const release = async (kind: Kind, version: string): Promise<void> => {
  const found = stage.object(targets[kind], 'podinfo')
  const change = kind === 'Service' ? { selector: specOf(coreService(version))['selector'] } : { template: template(version) }
  const { generation = 1 } = found.metadata
  stage.api.put({ ...found, metadata: { ...found.metadata, generation: generation + 1 }, spec: { ...specOf(found), ...change } })
  await stage.calm()
}

const hash = '5d8b7c4f9'

/** The status that a controller of the field would have written in our place. */
const theirs = ({ phase, canaryWeight, conditions }: Fields): Fields => ({
  phase,
  canaryWeight,
  failedChecks: 0,
  iterations: 0,
  lastAppliedSpec: hash,
  lastPromotedSpec: hash,
  conditions: (conditions as readonly Fields[]).filter(({ type }) => type === 'Promoted'),
})

const withoutMarks = (object: KubeObject): KubeObject => {
  const { managedFields: _, resourceVersion: __, annotations = {}, ...metadata } = object.metadata
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith('serin.dev/')))
  const status = object.kind === 'Canary' ? { status: theirs(object['status'] as Fields) } : {}
  return { ...object, ...status, metadata: { ...metadata, annotations: kept } }
}

/** A team whose second release another controller promoted: nothing in the cluster is marked as ours. */
const leftBehind = async (kind: Kind): Promise<readonly KubeObject[]> => {
  stage = await createStage({ objects: team({ kind }) })
  await stage.untilRest('Initialized')
  await release(kind, 'v2')
  await stage.untilRest('Succeeded')
  const objects = all().map(withoutMarks)
  await stage.stop()
  return objects
}

describe.each(['Deployment', 'DaemonSet', 'Service', 'Knative'] as const)('a %s that another controller released', kind => {
  it('is taken over without a new rollout, or a word', async () => {
    stage = await createStage({ objects: await leftBehind(kind) })
    await stage.pass(30)
    expect(phases(stage)).toEqual(['Succeeded 0'])
    expect(stage.api.storedAll(eventKind)).toEqual([])
  })

  it('keeps every spec in the cluster as it is', async () => {
    const objects = await leftBehind(kind)
    stage = await createStage({ objects })
    await stage.pass(30)
    const now = new Map(all().map(object => [`${object.kind} ${object.metadata.name}`, storedSpec(object)]))
    expect(objects.map(object => now.get(`${object.kind} ${object.metadata.name}`))).toEqual(objects.map(storedSpec))
  })

  it('has our hashes in the place of theirs', async () => {
    stage = await createStage({ objects: await leftBehind(kind) })
    const { lastAppliedSpec, lastPromotedSpec, promoted } = stage.status
    expect(lastAppliedSpec).toMatch(/^s1-[0-9a-f]{20}$/)
    expect([lastPromotedSpec, promoted?.hash]).toEqual([lastAppliedSpec, lastAppliedSpec])
  })

  it('is released from there', async () => {
    stage = await createStage({ objects: await leftBehind(kind) })
    await stage.pass(5)
    await release(kind, 'v3')
    await stage.until(() => stage.phase === 'Progressing')
    await stage.untilRest('Succeeded')
    expect(phases(stage).slice(0, 2)).toEqual(['Succeeded 0', 'Progressing 0'])
  })
})

it('the Services of a core Service that lost their owner with a promotion have one again', async () => {
  const tracks = ['podinfo-primary', 'podinfo-canary']
  const lost = (object: KubeObject): KubeObject => {
    const { ownerReferences: _, ...metadata } = object.metadata
    return tracks.includes(metadata.name) ? { ...object, metadata } : object
  }
  stage = await createStage({ objects: (await leftBehind('Service')).map(lost) })
  await stage.pass(30)
  const { uid } = stage.object(canaryKind, 'podinfo').metadata
  expect(tracks.map(name => stage.object(serviceKind, name).metadata.ownerReferences?.map(owner => owner.uid))).toEqual([[uid], [uid]])
})
