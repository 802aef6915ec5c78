import { describe, expect, it } from 'vitest'
import { fieldManager } from '../../src/api/marks.ts'
import { type KubeObject, keyOf, type Manifest } from '../../src/api/object.ts'
import type { Live } from '../../src/core/live.ts'
import { satisfies } from '../../src/core/satisfies.ts'
import { splitAt, type Traffic } from '../../src/core/traffic.ts'
import { gatewayApi } from '../../src/routing/gateway-api.ts'
import { createClusterApi } from '../../src/sandbox/apiserver/cluster-api.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { canaryWith, type Fields, options } from './http-route.ts'

const inner = [{ headers: { 'x-ring': { exact: 'inner' } } }]
const cookies = { canary: 'chk=Qw', primary: 'chk-p=As', previous: 'chk=Er' }
const sessionAffinity = { cookieName: 'chk', primaryCookieName: 'chk-p', path: '/' }

interface Row {
  readonly what: string
  readonly service?: Fields
  readonly analysis?: Fields
  readonly traffic?: Traffic
}

const rows: readonly Row[] = [
  { what: 'nothing but weights', traffic: splitAt(30) },
  { what: 'conditions without a path', service: { match: [{ headers: { a: { exact: '1' }, b: { regex: '2' } } }] } },
  { what: 'conditions on query parameters', service: { match: [{ queryParams: { b: { exact: '2' }, a: { exact: '1' } } }] } },
  { what: 'CORS without an age', service: { corsPolicy: { allowOrigin: ['*'] } } },
  { what: 'a parent without kind and group', service: { gatewayRefs: [{ name: 'public' }] } },
  { what: 'a parent of a mesh', service: { gatewayRefs: [{ group: '', kind: 'Service', name: 'podinfo', port: 9898 }] } },
  { what: 'copies for another Service', service: { mirror: [{ backendRef: { name: 'shadow', port: 80 } }] } },
  { what: 'a rewrite and time-outs', service: { rewrite: { uri: '/v2' }, timeout: '8s', backendTimeout: '3s' } },
  { what: 'headers', service: { headers: { request: { set: { b: '2', a: '1' } }, response: { remove: ['z', 'y'] } } } },
  { what: 'copies for the canary', analysis: { stepWeight: 10, mirror: true }, traffic: splitAt(0, true) },
  { what: 'a segment', analysis: { iterations: 3, match: inner }, traffic: { ...splitAt(100), match: inner } },
  { what: 'cookies', analysis: { stepWeight: 10, sessionAffinity }, traffic: { ...splitAt(30), cookies } },
  {
    what: 'a cookie to forget',
    analysis: { stepWeight: 10, sessionAffinity },
    traffic: { ...splitAt(0), cookies: { ...cookies, canary: '' } },
  },
]

type Filled = (value: Fields) => Fields

/** The same fields, with the named objects and lists of objects filled in where they are there. */
const within = (fields: Fields, parts: Readonly<Record<string, Filled>>): Fields => {
  const fillAll = (value: unknown, fill: Filled) => (Array.isArray(value) ? value.map(fill) : fill(value as Fields))
  const present = Object.entries(parts).filter(([name]) => fields[name] !== undefined)
  return { ...fields, ...Object.fromEntries(present.map(([name, fill]) => [name, fillAll(fields[name], fill)])) }
}

const serviceRef: Filled = ref => ({ group: '', kind: 'Service', ...ref })
const exact: Filled = condition => ({ type: 'Exact', ...condition })
const path = { type: 'PathPrefix', value: '/' }
const oneMatch: Filled = match => within({ path, ...match }, { headers: exact, queryParams: exact })
const filter: Filled = one =>
  within(one, { requestMirror: mirror => within(mirror, { backendRef: serviceRef }), cors: cors => ({ maxAge: 5, ...cors }) })
const backend: Filled = ref => within({ weight: 1, ...serviceRef(ref) }, { filters: filter })
const rule: Filled = one => within({ matches: [{ path }], ...one }, { matches: oneMatch, filters: filter, backendRefs: backend })
const parent: Filled = ref => ({ group: 'gateway.networking.k8s.io', kind: 'Gateway', ...ref })

/** What an API server fills into an HTTPRoute. Source: the CRD of gateway.networking.k8s.io/v1. */
const filled = (route: KubeObject): KubeObject => ({ ...route, spec: within(route['spec'] as Fields, { parentRefs: parent, rules: rule }) })

/** The route as an API server stores it, and the same question asked again. */
const asked = ({ service = {}, analysis, traffic = splitAt(0) }: Row): readonly [stored: KubeObject, again: Manifest] => {
  const api = createClusterApi({ clock: new VirtualClock(), random: () => 0 })
  const canary = canaryWith(service, analysis)
  const [kind] = gatewayApi.kinds
  const desired = (live: Live) => gatewayApi.desired(canary, traffic, { live, options })[0]
  const manifest = desired({ get: () => undefined })
  if (!kind || !manifest) throw new Error('the router wants no route')
  const inDefault = { ...manifest, metadata: { ...manifest.metadata, namespace: 'default' } }
  const stored = filled(api.patch(kind, keyOf(inDefault), { type: 'apply', body: inDefault, manager: fieldManager, force: true }))
  const again = desired({ get: () => stored })
  if (!again) throw new Error('the router wants no route any more')
  return [stored, { ...again, metadata: { ...again.metadata, namespace: 'default' } }]
}

describe('a route that an API server stored, with what it fills in,', () => {
  it.each(rows)('is not written again for $what', row => {
    const [stored, again] = asked(row)
    expect(satisfies(stored, again)).toBe(true)
  })
})
