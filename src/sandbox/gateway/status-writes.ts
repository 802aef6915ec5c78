import { isDeepStrictEqual } from 'node:util'
import type { KindRef, KubeObject } from '../../api/object.ts'
import type { Gateway, GatewayClass, HttpRoute } from '../objects/gateway-api.ts'
import { gatewayClasses, gateways, httpRoutes } from '../objects/kinds.ts'
import type { CompiledRoute } from './configuration.ts'
import { type GatewayFacts, gatewayClassStatus, gatewayStatus, routeStatus, routeStatusWithoutUs, type StatusTime } from './statuses.ts'

/** A status that does not say yet what is so. */
export interface StatusWrite {
  readonly kind: KindRef
  readonly object: KubeObject
  readonly status: unknown
}

const write = (kind: KindRef, object: KubeObject, status: Readonly<Record<string, unknown>>): StatusWrite | undefined => {
  const before: Readonly<Record<string, unknown>> = { ...(object['status'] as object | undefined) }
  const same = Object.entries(status).every(([field, value]) => isDeepStrictEqual(before[field], value))
  return same ? undefined : { kind, object, status: { ...before, ...status } }
}

/** `compiled` is what is in use; undefined when the route is not, or no longer, one of ours. */
export const routeWrite = (route: HttpRoute, compiled: CompiledRoute | undefined, time: StatusTime): StatusWrite | undefined => {
  if (!compiled) {
    const isOurs = route.status.parents.some(({ controllerName }) => controllerName === time.controllerName)
    return isOurs ? write(httpRoutes, route, routeStatusWithoutUs(route, time.controllerName)) : undefined
  }
  // A newer generation than the one in use: it is told of when it is in use as well.
  if (compiled.verdict.route.metadata.generation !== route.metadata.generation) return undefined
  return write(httpRoutes, route, routeStatus({ ...compiled.verdict, route }, time))
}

export const gatewayWrite = (gateway: Gateway, facts: GatewayFacts): StatusWrite | undefined =>
  write(gateways, gateway, gatewayStatus(gateway, facts))

export const gatewayClassWrite = (gatewayClass: GatewayClass, nowMs: number): StatusWrite | undefined =>
  write(gatewayClasses, gatewayClass, gatewayClassStatus(gatewayClass, nowMs))
