import {
  canaryKind,
  configMapKind,
  controllerRevisionKind,
  horizontalPodAutoscalerKind,
  secretKind,
  serviceKind,
} from '../../src/api/kinds.ts'
import type { KindRef } from '../../src/api/object.ts'
import { scaledObjectKind } from '../support/cluster-hands.ts'
import { httpRouteKind } from '../support/team.ts'
import type { Chance } from './chance.ts'
import type { Deed, Maker } from './deed.ts'
import { gates, type HookName, providers, type Setup, strategies, strategyNames } from './setup.ts'
import { targets } from './tracks.ts'
import { type Version, versions } from './versions.ts'

/* What people and their tools do. */

const releaseWords: Readonly<Record<Version, string>> = {
  v1: 'what it began with',
  v2: 'healthy',
  v3: 'half of its requests fail',
  v4: 'its pods crash',
  v5: 'its pods start slowly',
  v6: 'its pods come and go',
  v7: 'its pods crash in the primary',
  v8: 'three of a hundred requests fail',
  v9: 'healthy',
}

const versionNames = Object.keys(versions) as readonly Version[]
const released: readonly Version[] = [...versionNames.filter(name => name !== 'v9'), 'v2', 'v2', 'v3', 'v7']

export const releaseOf = (version: Version): Deed => ({
  text: `${version} is released: ${releaseWords[version]}`,
  act: ({ hands }) => hands.release(version),
})

export const release: Maker = chance => releaseOf(chance.pick(released))

export const applyFromGit: Maker = chance => {
  const replicas = chance.pick(['declared', 'left out'] as const)
  const version = chance.pick(['v1', 'v2'] as const)
  return { text: `Git applies the target at ${version}, replicas ${replicas}`, act: ({ hands }) => hands.applyFromGit(replicas, version) }
}

/** Changes of the Canary in mid-run, in words. */
const edits = (chance: Chance): readonly (readonly [string, Readonly<Record<string, unknown>>])[] => {
  const strategy = chance.pick(strategyNames)
  const provider = chance.pick(providers)
  return [
    ['the Canary is suspended', { suspend: true }],
    ['the Canary goes on', { suspend: false }],
    ['the analysis is skipped', { skipAnalysis: true }],
    ['the analysis is no longer skipped', { skipAnalysis: false }],
    ['the interval is 20s', { analysis: { interval: '20s' } }],
    ['the threshold is 1', { analysis: { threshold: 1 } }],
    ['the threshold is 4', { analysis: { threshold: 4 } }],
    ['the steps are of 10 up to 30', { analysis: { stepWeight: 10, maxWeight: 30, stepWeights: null } }],
    ['the steps go on to 80', { analysis: { stepWeight: 20, maxWeight: 80, stepWeights: null } }],
    ['the iterations are 5', { analysis: { iterations: 5 } }],
    [`the strategy is ${strategy}`, { analysis: { ...cleared, ...defined(strategies[strategy]) } }],
    [`the provider is ${provider}`, { provider }],
    ['the progress deadline is 20s', { progressDeadlineSeconds: 20 }],
    ['it may promise to revert on deletion', { revertOnDeletion: true }],
  ]
}
const cleared = {
  stepWeight: 20,
  maxWeight: 40,
  stepWeightPromotion: null,
  stepWeights: null,
  iterations: null,
  mirror: null,
  match: null,
  sessionAffinity: null,
}
/** In a merge patch what is to go is null. */
const defined = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null]))

export const editTo = (text: string, spec: Readonly<Record<string, unknown>>): Deed => ({ text, act: ({ hands }) => hands.edit(spec) })

export const edit: Maker = chance => editTo(...chance.pick(edits(chance)))

/** What the recorded weight means is another thing now. */
export const replan: Maker = chance => {
  const changes = edits(chance).filter(([words]) => words.startsWith('the strategy is') || words.startsWith('the provider is'))
  return editTo(...chance.pick(changes))
}

/** One of those changes, by its words. */
export const editOf = (words: string, chance: Chance): Deed => {
  const [text, spec] = edits(chance).find(([one]) => one === words) ?? [words, {}]
  return editTo(text, spec)
}

const ownedBy = ({ scaler, target, hasSecret }: Setup): readonly (readonly [KindRef, string])[] => [
  [serviceKind, 'podinfo'],
  [serviceKind, 'podinfo-primary'],
  [serviceKind, 'podinfo-canary'],
  [httpRouteKind, 'podinfo'],
  [targets[target].kind, 'podinfo-primary'],
  [scaler === 'ScaledObject' ? scaledObjectKind : horizontalPodAutoscalerKind, 'podinfo-primary'],
  [configMapKind, 'podinfo-conf-primary'],
  ...(hasSecret ? [[secretKind, 'podinfo-key-primary'] as const] : []),
]

export const dropOwned: Maker = (chance, setup) => {
  const [kind, name] = chance.pick(ownedBy(setup))
  return { text: `somebody deletes ${kind.kind} ${name}`, act: ({ hands }) => hands.drop(kind, name) }
}

export const dropPinsAnd = (what: 'the primary' | 'nothing else'): Deed => ({
  text: `somebody deletes all pinned templates and ${what}`,
  act: ({ hands, store, setup }) => {
    for (const { metadata } of store.storedAll(controllerRevisionKind))
      if (metadata.namespace === 'test') hands.drop(controllerRevisionKind, metadata.name)
    if (what === 'the primary') hands.drop(targets[setup.target].kind, 'podinfo-primary')
  },
})

export const dropPins: Maker = chance => dropPinsAnd(chance.happens(0.6) ? 'the primary' : 'nothing else')

export const dropRoute: Deed = { text: 'somebody deletes the route', act: ({ hands }) => hands.drop(httpRouteKind, 'podinfo') }

export const dropTargetFor = (forMs: number): Deed => ({
  text: `somebody deletes the target, and makes it again ${forMs / 1000}s later`,
  act: ({ hands, clock, setup }) => {
    hands.drop(targets[setup.target].kind, 'podinfo')
    clock.schedule(forMs, hands.restore)
  },
})

export const remade: Deed = { text: 'Git applies what is missing', act: ({ hands }) => hands.restore() }

export const dropTarget: Maker = chance => dropTargetFor(chance.whole(1000, 40_000))

export const remake: Maker = chance => {
  const forMs = chance.whole(1, 15_000)
  return {
    text: `the Canary is deleted, and made again ${forMs / 1000}s later`,
    act: ({ hands, clock }) => {
      hands.drop(canaryKind, 'podinfo')
      clock.schedule(forMs, hands.restore)
    },
  }
}

export const scale: Maker = (chance, { scaler }) => {
  const name = chance.pick(['podinfo', 'podinfo-primary'])
  const replicas = chance.pick(scaler ? [1, 3, 4] : [0, 1, 3, 4])
  return { text: `somebody scales ${name} to ${replicas}`, act: ({ hands }) => hands.scale(name, replicas) }
}

export const weigh: Maker = chance => {
  const weight = chance.pick([0, 40, 100])
  return { text: `somebody routes ${weight}% to the canary by hand`, act: ({ hands }) => hands.weigh(weight) }
}

export const configure: Maker = chance => {
  const color = chance.pick(['red', 'blue', 'green'])
  return { text: `the configuration says ${color}`, act: ({ hands }) => hands.configure(color) }
}

export const closeGate = (name: HookName, forMs: number): Deed => ({
  text: `the gate ${name} is closed for ${forMs / 1000}s`,
  act: ({ outside, clock }) => {
    outside.contrary.add(name)
    clock.schedule(forMs, () => outside.contrary.delete(name))
  },
})

export const openGate = (name: HookName): Deed => ({
  text: `the gate ${name} is opened`,
  act: ({ outside }) => outside.contrary.delete(name),
})

export const gate: Maker = chance => closeGate(chance.pick(gates), chance.whole(5000, 60_000))

export const askFor = (forMs: number): Deed => ({
  text: `somebody asks for a rollback for ${forMs / 1000}s`,
  act: ({ outside, clock }) => {
    outside.contrary.add('rollback')
    clock.schedule(forMs, () => outside.contrary.delete('rollback'))
  },
})

export const askBack: Maker = chance => askFor(chance.whole(5000, 30_000))

export const forgotten: Deed = {
  text: 'another controller of the field takes the Canary over, and gives it back',
  act: ({ hands }) => hands.forget(),
}

export const inherit: Maker = () => forgotten
