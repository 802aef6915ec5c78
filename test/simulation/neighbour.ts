import { canaryKind, deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { CanaryStatus } from '../../src/api/status.ts'
import type { Clock } from '../../src/clock.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { imageOf } from '../support/cluster-hands.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import { neighbourNamespace } from './setup.ts'
import { canaryOf, type SimStore } from './sim-store.ts'
import { targets } from './tracks.ts'

/**
 * A team beside the other one, with the same names in a namespace of its own: it releases one good version after the other, and nothing that befalls
 * the other team may show there.
 */
export interface Neighbour {
  wrote(write: AcceptedWrite): void
  /** Something went wrong that hits everybody. */
  disturbed(): void
  /** No more releases, once there was one. */
  retire(): void
  /** What keeps it from being at rest with what it released last; nothing when all is well. */
  unrest(): readonly string[]
}

export interface NeighbourOptions {
  readonly clock: Clock
  readonly store: SimStore
  report(text: string): void
}

const at = (name: string) => ({ namespace: neighbourNamespace, name })

const intervalMs = 10_000
const mostLateMs = 1000
/** What hits everybody may take so long to be over: a lease runs out, a watch that broke in silence is noticed. */
const calmMs = 100_000
const pauseMs = 1000

const ownVersions = ['v2', 'v9'] as const

const failureIn = (from: CanaryStatus, to: CanaryStatus): string | undefined => {
  if (to.phase === 'Failed') return `is ${stateOf(to)}`
  const [had = 0, has = 0] = [from.failedChecks, to.failedChecks]
  return has > had ? `has ${has} failed checks` : undefined
}

const isIdle = ({ state, phase = '' }: CanaryStatus): boolean => state === undefined && ['Initialized', 'Succeeded'].includes(phase)

const isStep = (from: CanaryStatus, to: CanaryStatus): boolean => (to.canaryWeight ?? 0) > (from.canaryWeight ?? 0)

export const createNeighbour = ({ clock, store, report }: NeighbourOptions): Neighbour => {
  let disturbedMs = Number.NEGATIVE_INFINITY
  let isRetired = false
  let releases = 0
  let step = 0

  const release = (): void => {
    if (isRetired && releases > 0) return
    const version = ownVersions[releases % ownVersions.length] ?? 'v2'
    releases += 1
    store.cluster.patch(deploymentKind, at('podinfo'), {
      type: 'merge',
      body: targets.Deployment.released(version, {}),
      manager: 'kubectl-edit',
    })
  }

  /** L8: the next step comes when its interval is over, unless something went wrong that hits everybody. */
  const watchStep = (): void => {
    step += 1
    const [begunMs, current] = [clock.monotonicMs(), step]
    clock.schedule(intervalMs + mostLateMs, () => {
      const isExcused = disturbedMs >= begunMs - calmMs
      if (step === current && !isExcused) report(`L8: the step of a neighbour is not over ${mostLateMs}ms after its interval`)
    })
  }

  /** S26: whatever befalls others, no release of the neighbour fails. */
  const look = (from: CanaryStatus, to: CanaryStatus): void => {
    const failure = failureIn(from, to)
    if (failure) report(`S26: a neighbour whose release is good ${failure}`)
    if (isStep(from, to)) watchStep()
    else if (to.phase !== from.phase) step += 1
    if (!isIdle(from) && isIdle(to)) clock.schedule(pauseMs, release)
  }

  const unrest = (): readonly string[] => {
    const found = store.stored(canaryKind, at('podinfo'))
    const status = found ? canaryOf(found).status : {}
    const [target, primary] = ['podinfo', 'podinfo-primary'].map(name => imageIn(store.stored(deploymentKind, at(name))))
    const isPromoted = status.phase === 'Succeeded' && target === primary
    return isPromoted && status.state === undefined
      ? []
      : [`S26: a neighbour that runs ${primary} and released ${target} is ${stateOf(status)}`]
  }

  return {
    wrote: ({ verb, kind, before, after }) => {
      if (verb === 'updateStatus' && kind.kind === canaryKind.kind && before && after) look(canaryOf(before).status, canaryOf(after).status)
    },
    disturbed: () => {
      disturbedMs = clock.monotonicMs()
    },
    retire: () => {
      isRetired = true
    },
    unrest,
  }
}

const imageIn = (object: KubeObject | undefined): string | undefined => object && imageOf(object)
