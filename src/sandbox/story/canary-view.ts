import type { KindRef, KubeObject } from '../../api/object.ts'

/** The sandbox looks at Canaries as anybody with kubectl would: through the API, trusting nothing to be there. */
export const canaryKind: KindRef = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', plural: 'canaries', namespaced: true }
export const routeKind: KindRef = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', plural: 'httproutes', namespaced: true }

export interface CheckView {
  readonly name: string
  readonly verdict: string
  readonly value?: number
  readonly min?: number
  readonly max?: number
}

export interface CanaryView {
  readonly phase: string
  readonly state: string
  readonly weight: number
  readonly failedChecks: number
  readonly threshold: number
  readonly checks: readonly CheckView[]
  readonly nextEvidenceAtMs: number | undefined
  readonly hold: string
  readonly failure: string
  readonly promoted: string
  readonly analysed: string
  /** Weight of the next step; undefined when the next one is the promotion. */
  readonly nextWeight: number | undefined
}

interface Status {
  readonly phase?: string
  readonly state?: string
  readonly canaryWeight?: number
  readonly failedChecks?: number
  readonly checks?: readonly CheckView[]
  readonly nextEvidenceAt?: string
  readonly hold?: { readonly message?: string }
  readonly failure?: { readonly reason?: string; readonly message?: string }
  readonly promoted?: { readonly hash?: string }
  readonly analysed?: { readonly hash?: string }
}

interface Analysis {
  readonly threshold?: number
  readonly stepWeights?: readonly number[]
}

const fresh: Pick<Required<Status>, 'phase' | 'canaryWeight' | 'failedChecks' | 'checks'> = {
  phase: '',
  canaryWeight: 0,
  failedChecks: 0,
  checks: [],
}

export const canaryView = (object: KubeObject | undefined): CanaryView => {
  const status = { ...fresh, ...(object?.['status'] as Status | undefined) }
  const analysis = (object?.['spec'] as { readonly analysis?: Analysis } | undefined)?.analysis
  return {
    phase: status.phase,
    state: status.state ?? status.phase,
    weight: status.canaryWeight,
    failedChecks: status.failedChecks,
    threshold: analysis?.threshold ?? 1,
    nextWeight: analysis?.stepWeights?.find(weight => weight > status.canaryWeight),
    checks: status.checks,
    nextEvidenceAtMs: status.nextEvidenceAt ? Date.parse(status.nextEvidenceAt) : undefined,
    hold: status.hold?.message ?? '',
    failure: failureText(status),
    promoted: hashOf(status.promoted),
    analysed: hashOf(status.analysed),
  }
}

const failureText = ({ failure }: Status): string => (failure ? `${failure.reason}: ${failure.message}` : '')
const hashOf = (pin: Status['promoted']): string => pin?.hash ?? ''

interface Rule {
  readonly backendRefs?: readonly { readonly name?: string; readonly weight?: number }[]
}

/** Percent that the route sends to the canary. */
export const routedToCanary = (route: KubeObject | undefined, service: string): number | undefined => {
  const rules = ((route?.['spec'] ?? {}) as { readonly rules?: readonly Rule[] }).rules ?? []
  const refs = rules.at(-1)?.backendRefs
  return refs?.find(ref => ref.name === service)?.weight ?? (refs ? 0 : undefined)
}
