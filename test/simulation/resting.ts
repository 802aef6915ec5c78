import { controllerRevisionKind, serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { CanaryStatus } from '../../src/api/status.ts'
import { readPin } from '../../src/targets/pins.ts'
import { httpRouteKind } from '../support/team.ts'
import { canaryOf, trafficOf } from './sim-store.ts'
import { type Track, targets } from './tracks.ts'
import { qualityOf } from './versions.ts'
import type { SimWorld } from './world.ts'

/*
 * What a run has to come to once nothing goes wrong any more: the liveness rules, seen as a list of what is not yet as it should be.
 */

type Fields = Readonly<Record<string, unknown>>

const at = (name: string) => ({ namespace: 'test', name })

interface Rest {
  readonly world: SimWorld
  readonly canary: KubeObject
  readonly status: CanaryStatus
  readonly target: Track | undefined
  readonly primary: Track | undefined
}

type Rule = (rest: Rest) => string | undefined

const idle = ['Initialized', 'Succeeded', 'Failed']

/** Who deletes the primary and everything it could be built from gets no new one made up: only a new release helps. */
const isLost = ({ status, primary }: Rest): boolean => primary === undefined && status.hold?.reason === 'PinMissing'

/** A first version that cannot run in the primary never gets beyond the beginning: there is nothing to go back to. */
const cannotBegin = ({ status, target }: Rest): boolean =>
  status.phase === 'Initializing' && target !== undefined && qualityOf(target.image).pods.startsWith('crash')

const hasEnded: Rule = ({ status, canary }) => {
  const isThere = canary.metadata.deletionTimestamp === undefined
  const { state, phase = '' } = status
  return isThere && state === undefined && idle.includes(phase)
    ? undefined
    : `L1: it is still ${state ?? phase}${status.hold ? `, held by ${status.hold.reason}: ${status.hold.message}` : ''}`
}

const trafficIsBack: Rule = ({ world, status }) => {
  const traffic = trafficOf(world.store)
  const [primary, canary] = status.servingFrom === 'canary' ? [0, 100] : [100, 0]
  return traffic?.primary === primary && traffic.canary === canary && !traffic.mirrored
    ? undefined
    : `L2: requests go ${traffic ? `${traffic.primary}/${traffic.canary}` : 'nowhere'}, wanted ${primary}/${canary}`
}

/** What has no size of its own is not parked either. */
const targetIsParked: Rule = ({ status, target }) => {
  if (target && target.wantedPods === undefined) return undefined
  const replicas = target?.wantedPods ?? 0
  if (status.servingFrom === 'canary') return replicas > 0 ? undefined : 'L2: the canary serves and is parked'
  return replicas === 0 ? undefined : `L2: the target still wants ${replicas} pods`
}

const primaryServes: Rule = ({ status, primary }) => {
  if (!primary) return 'L2: there is no primary'
  const isStopped = primary.wantedPods === 0 // by somebody who meant it: Serin asks for what it found
  const serves = primary.servingPods > 0
  return status.servingFrom === 'canary' || isStopped || serves ? undefined : 'L2: the primary has no pod'
}

const revisionIsJudged: Rule = ({ world, status, target, primary }) => {
  if (!target || !primary || target.image === primary.image) return undefined
  const pin = status.analysed && world.store.stored(controllerRevisionKind, at(status.analysed.name))
  const analysed = pin && readPin(pin)
  const judged = analysed && targets[world.setup.target].pinned(analysed.template, world.store)
  return judged === target.image ? undefined : `L3: ${target.image} was neither promoted nor judged`
}

const rules: readonly Rule[] = [hasEnded, trafficIsBack, targetIsParked, primaryServes, revisionIsJudged]

const restOf = (world: SimWorld): Rest | undefined => {
  const canary = world.canary()
  if (!canary) return undefined
  const { target, primary } = targets[world.setup.target]
  return { world, canary, status: canaryOf(canary).status, target: target(world.store), primary: primary(world.store) }
}

/** Only people can help here: it stalls, and says why from time to time. */
export const isStalled = (world: SimWorld): boolean => {
  const rest = restOf(world)
  return rest !== undefined && (cannotBegin(rest) || isLost(rest))
}

/** What keeps the team from being at rest; nothing when all is well. */
export const unrestOf = (world: SimWorld): readonly string[] => {
  const rest = restOf(world)
  if (!rest) return ['L2: there is no Canary']
  return isStalled(world) ? [] : rules.flatMap(rule => rule(rest) ?? [])
}

/** What was refused is tried again within a minute, and a watch that says nothing any more is found out after a minute and a half. */
export const pendingOf = (world: SimWorld): readonly string[] => {
  const rest = restOf(world)
  if (!rest) return []
  const { hold, observedGeneration } = rest.status
  const { generation } = rest.canary.metadata
  return [
    ...(hold?.reason === 'DeferredWrite' ? [`L1: a write is still deferred: ${hold.message}`] : []),
    ...(observedGeneration === generation
      ? []
      : [`L1: generation ${generation} of the Canary was not heard of, only ${observedGeneration}`]),
  ]
}

/** Where a canary serves whose pods come and go, its users are with the primary whenever it has none: that is no rest. */
export const isSheltered = (world: SimWorld): boolean => {
  const rest = restOf(world)
  return rest?.status.servingFrom === 'canary' && rest.target !== undefined && qualityOf(rest.target.image).pods === 'flap'
}

/** Every message reaches its receiver once that is back. */
export const unheardOf = (world: SimWorld): readonly string[] => {
  const { outbox = [] } = restOf(world)?.status ?? {}
  return outbox.length === 0 ? [] : [`S21: ${outbox.length} messages reached nobody`]
}

/** The last version that was released is good: it has to be what runs in the end. */
export const isPromoted = (world: SimWorld, version: string): readonly string[] => {
  const image = targets[world.setup.target].primary(world.store)?.image
  return image === `podinfo:${version}` ? [] : [`L9: the primary runs ${image}, wanted podinfo:${version}`]
}

/** What takes the place of the primary has to run first; one that cannot keeps the Canary, and what serves. */
export const cannotTakeOver = ({ store, setup }: SimWorld): boolean => {
  const target = targets[setup.target].target(store)
  return target !== undefined && qualityOf(target.image).pods === 'crash'
}

/** After the Canary went: what stood there before stands again, where it was promised. */
export const leftOf = ({ store, setup }: SimWorld): readonly string[] => {
  if (!setup.isSettled) return []
  const target = targets[setup.target].target(store)
  const { selector } = (store.stored(serviceKind, at('podinfo'))?.['spec'] ?? {}) as { readonly selector?: Fields }
  const route = JSON.stringify(store.stored(httpRouteKind, at('podinfo'))?.['spec'] ?? '')
  return [
    ...((target?.servingPods ?? 0) > 0 ? [] : ['S23: the target has no pod']),
    ...(selector === undefined || selector['app'] === 'podinfo' ? [] : [`S23: the Service selects ${JSON.stringify(selector)}`]),
    ...(route.includes('-canary') || route.includes('-primary') ? [`S23: the route is ${route}`] : []),
  ]
}
