import { type Canary, serviceNames } from '../api/canary.ts'
import { serviceKind } from '../api/kinds.ts'
import type { Live } from '../core/live.ts'
import type { Traffic } from '../core/traffic.ts'
import { abilityProblems, refuseImpossible } from './abilities.ts'
import { type Fields, fieldsOf } from './reading.ts'
import type { Routed, Router, RoutingAbilities } from './router.ts'

const name = 'kubernetes'

const can: RoutingAbilities = {
  weigh: false,
  mirror: false,
  mirrorIterations: false,
  match: false,
  affinity: false,
  reportsAccepted: false,
}

const toPrimary: Traffic = { primary: 100, canary: 0, mirrored: false }
const toCanary: Traffic = { primary: 0, canary: 100, mirrored: false }

const selectorOf = (canary: Canary, live: Live, name: string): Fields =>
  fieldsOf(fieldsOf(live.get(serviceKind, { namespace: canary.metadata.namespace ?? '', name })?.['spec'])['selector'])

const sameSelector = (a: Fields, b: Fields): boolean => {
  const keys = Object.keys(a)
  return keys.length > 0 && keys.length === Object.keys(b).length && keys.every(key => a[key] === b[key])
}

/** Live traffic goes where the apex Service points, whatever iteration the analysis is in. */
const observe = (canary: Canary, live: Live): Routed => {
  const names = serviceNames(canary)
  const [apex, primary, ofCanary] = [names.apex, names.primary, names.canary].map(name => selectorOf(canary, live, name))
  if (!apex || !primary || !ofCanary) return { traffic: undefined, accepted: 'unknown' }
  if (sameSelector(apex, primary)) return { traffic: toPrimary, accepted: 'unknown' }
  return { traffic: sameSelector(apex, ofCanary) ? toCanary : undefined, accepted: 'unknown' }
}

/** No mesh, no ingress: the generated Services are all there is. Live traffic never goes to both tracks; a canary is tested by its own Service. */
export const kubernetes: Router = {
  name,
  can,
  kinds: [serviceKind],
  check: canary => abilityProblems(canary, { name, can }),
  desired: (_canary, traffic) => {
    refuseImpossible(traffic, { name, can })
    return []
  },
  observe,
  follow: () => [],
  standing: () => [],
  revert: () => [],
}
