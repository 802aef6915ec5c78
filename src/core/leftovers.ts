import { sameJson } from './same-json.ts'

/*
 * A list that is one value belongs to whoever wrote it last. A field of an item there that nobody wants any more is either what the API server
 * filled in, or left over from what was wanted before: a mirror, a time-out, a cookie.
 */

const everyPath = { type: 'PathPrefix', value: '/' }

/** What an API server fills into the routes that we write. Source: the defaults of gateway.networking.k8s.io/v1; those of Istio have none. */
const routeDefaults: Readonly<Record<string, readonly unknown[]>> = {
  group: ['', 'gateway.networking.k8s.io'],
  kind: ['Service', 'Gateway'],
  weight: [1],
  matches: [[{ path: everyPath }]],
  path: [everyPath],
  type: ['PathPrefix', 'Exact', 'Cookie'],
  value: ['/'],
  statusCode: [302],
  denominator: [100],
  maxAge: [5],
  lifetimeType: ['Session'],
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.values(value).every(isEmpty))

/** Kinds that a CRD defines: their groups have a dot beside those of Kubernetes itself. */
const isCustom = (apiVersion: string): boolean => {
  const [group = '', version] = apiVersion.split('/')
  return version !== undefined && group.includes('.') && (!group.endsWith('.k8s.io') || group === 'gateway.networking.k8s.io')
}

/**
 * Whether a field that is not wanted may be a default in a list that is one value. Of custom kinds every default is known; the API server
 * fills many numbers and words into pods, but no structures.
 */
export const mayBeDefault = (apiVersion: string, field: string, value: unknown): boolean => {
  if (isEmpty(value)) return true
  if (isCustom(apiVersion)) return routeDefaults[field]?.some(known => sameJson(known, value)) ?? false
  return typeof value !== 'object'
}
