import { isDeepStrictEqual } from 'node:util'
import { type Finding, withCondition } from '../objects/conditions.ts'
import {
  type Gateway,
  type GatewayClass,
  gatewayGroup,
  type HttpRoute,
  type Listener,
  type RouteParentStatus,
} from '../objects/gateway-api.ts'
import type { Condition } from '../objects/view.ts'
import { servable } from './attachment.ts'
import type { ParentVerdict, RouteVerdict } from './configuration.ts'

/** What to say, and when: times in conditions move only with what they say. */
export interface StatusTime {
  readonly controllerName: string
  readonly nowMs: number
}

const conditionsWith = (before: readonly Condition[], findings: readonly Finding[], nowMs: number): readonly Condition[] =>
  findings.reduce<readonly Condition[]>((all, finding) => withCondition(all, finding, nowMs), before)

const acceptance = ({ attachment }: ParentVerdict): Omit<Finding, 'observedGeneration'> =>
  attachment.accepted
    ? { type: 'Accepted', status: 'True', reason: 'Accepted', message: 'the route is in use' }
    : { type: 'Accepted', status: 'False', reason: attachment.reason, message: attachment.message }

const resolution = ({ unresolved }: RouteVerdict): Omit<Finding, 'observedGeneration'> =>
  unresolved
    ? { type: 'ResolvedRefs', status: 'False', ...unresolved }
    : { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: 'all backends are known' }

const parentStatus = (verdict: RouteVerdict, parent: ParentVerdict, { controllerName, nowMs }: StatusTime): RouteParentStatus => {
  const { route } = verdict
  const before = route.status.parents.find(
    one => one.controllerName === controllerName && isDeepStrictEqual(one.parentRef, parent.parentRef),
  )
  const observedGeneration = route.metadata.generation ?? 0
  const findings = [acceptance(parent), resolution(verdict)].map(finding => ({ ...finding, observedGeneration }))
  return { parentRef: parent.parentRef, controllerName, conditions: [...conditionsWith(before?.conditions ?? [], findings, nowMs)] }
}

/** The status of a route whose present generation is in use; what other controllers say stays. */
export const routeStatus = (verdict: RouteVerdict, time: StatusTime): { readonly parents: readonly RouteParentStatus[] } => ({
  parents: [
    ...verdict.route.status.parents.filter(({ controllerName }) => controllerName !== time.controllerName),
    ...verdict.parents.map(parent => parentStatus(verdict, parent, time)),
  ],
})

/** The status of a route that is not ours any more. */
export const routeStatusWithoutUs = (route: HttpRoute, controllerName: string): { readonly parents: readonly RouteParentStatus[] } => ({
  parents: route.status.parents.filter(one => one.controllerName !== controllerName),
})

const yes = (type: string, message: string): Finding => ({ type, status: 'True', reason: type, message })

const listenerFindings = (listener: Listener): readonly Finding[] =>
  servable(listener)
    ? [
        yes('Accepted', 'the listener is valid'),
        yes('Programmed', 'the data plane listens'),
        yes('ResolvedRefs', 'all references are known'),
        { type: 'Conflicted', status: 'False', reason: 'NoConflicts', message: 'no other listener stands in its way' },
      ]
    : [
        { type: 'Accepted', status: 'False', reason: 'UnsupportedProtocol', message: `${listener.protocol} is not served here` },
        { type: 'Programmed', status: 'False', reason: 'Invalid', message: `${listener.protocol} is not served here` },
      ]

const attachedTo = (listener: Listener, verdicts: readonly RouteVerdict[]): number =>
  verdicts.filter(({ parents }) => parents.some(({ attachment }) => attachment.accepted && attachment.listeners.includes(listener.name)))
    .length

export interface GatewayFacts extends StatusTime {
  /** The address under which the data plane listens. */
  readonly address: string
  readonly verdicts: readonly RouteVerdict[]
}

/** The status of a Gateway whose data plane listens. */
export const gatewayStatus = (gateway: Gateway, { address, verdicts, nowMs }: GatewayFacts): Readonly<Record<string, unknown>> => {
  const observedGeneration = gateway.metadata.generation ?? 0
  const stamped = (findings: readonly Finding[]) => findings.map(finding => ({ ...finding, observedGeneration }))
  const findings = stamped([yes('Accepted', 'the Gateway is valid'), yes('Programmed', 'the data plane listens')])
  const conditionsOf = (name: string) => gateway.status.listeners.find(one => one.name === name)?.conditions ?? []
  return {
    addresses: [{ type: 'IPAddress', value: address }],
    conditions: conditionsWith(gateway.status.conditions, findings, nowMs),
    listeners: gateway.spec.listeners.map(listener => ({
      name: listener.name,
      supportedKinds: servable(listener) ? [{ group: gatewayGroup, kind: 'HTTPRoute' }] : [],
      attachedRoutes: attachedTo(listener, verdicts),
      conditions: conditionsWith(conditionsOf(listener.name), stamped(listenerFindings(listener)), nowMs),
    })),
  }
}

export const gatewayClassStatus = (gatewayClass: GatewayClass, nowMs: number): Readonly<Record<string, unknown>> => {
  const finding = {
    ...yes('Accepted', 'this controller takes Gateways of the class'),
    observedGeneration: gatewayClass.metadata.generation ?? 0,
  }
  return { conditions: withCondition(gatewayClass.status.conditions, finding, nowMs) }
}
