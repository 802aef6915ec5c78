import { type Canary, serviceNames } from '../api/canary.ts'
import { serviceKind } from '../api/kinds.ts'
import { fluxIgnore, trackLabel } from '../api/marks.ts'
import { type KubeObject, keyOf, type Manifest } from '../api/object.ts'
import { controllerOf, objectText } from '../api/ownership.ts'
import type { Live } from '../core/live.ts'
import { claimedByOthers, handBack, isAdopted, lastAppliedSpec, metadataOf, rememberedSpec } from './adoption.ts'
import { type Fields, fieldsOf, present } from './reading.ts'
import type { FollowedRoute, RoutingProblem } from './router.ts'
import { type ExtraPort, keyOfPort, livePorts, mergePorts, portsBeside, withNodePorts } from './service-ports.ts'

/** The label by which the pods of the target are selected; those of the primary carry `<value>-primary`. */
interface SelectorLabel {
  readonly key: string
  readonly value: string
}

export interface ServiceSource {
  readonly canary: Canary
  readonly label: SelectorLabel
  /** Further ports of the containers, where the Canary asks for port discovery. */
  readonly ports: readonly ExtraPort[]
  readonly live: Live
  /**
   * Whose pods the apex selects. A Canary that is new asks for `primary` only once the primary serves, and applies no apex before that,
   * so that a Service that stood there goes on as it was.
   */
  readonly apexSelects: 'target' | 'primary'
}

/** What it takes to look at Services that stand there. */
export type StandingSource = Pick<ServiceSource, 'canary' | 'label' | 'live'>

/** Manifests for server-side apply: exactly the fields we own. Ports need `replacePorts` first. */
export interface GeneratedServices {
  readonly apex: Manifest
  readonly primary: Manifest
  readonly canary: Manifest
}

type Selector = Readonly<Record<string, string>>
type ExtraMetadata = Canary['spec']['service']['apex']

interface Wanted {
  readonly name: string
  readonly selector: Selector
  /** Absent for the apex, which leads to whatever track serves. */
  readonly track?: 'primary' | 'canary'
  readonly metadata: ExtraMetadata
}

const selectorOf = ({ key, value }: SelectorLabel, track: 'target' | 'primary'): Selector => ({
  [key]: track === 'primary' ? `${value}-primary` : value,
})

interface Made {
  /** All that they come from beside the spec. */
  readonly from: readonly unknown[]
  readonly services: GeneratedServices
}

/** What was made last of each spec: most passes ask for the same, and who compares manifests sees at once that they are. */
const lastMade = new WeakMap<Canary['spec'], Made>()

const originsOf = (source: ServiceSource): readonly unknown[] => {
  const { canary, label, ports, apexSelects } = source
  const { namespace, name, uid } = canary.metadata
  const { apex, primary, canary: ofCanary } = serviceNames(canary)
  const standing = [apex, primary, ofCanary].map(one => liveService(source, one))
  return [namespace, name, uid, label.key, label.value, JSON.stringify(ports), apexSelects, ...standing]
}

/** The three Services of a Canary whose target is a workload with pods of its own. Pure: what is live never changes in place. */
export const desiredServices = (source: ServiceSource): GeneratedServices => {
  const { spec } = source.canary
  const from = originsOf(source)
  const last = lastMade.get(spec)
  if (last?.from.every((part, index) => part === from[index])) return last.services
  const services = makeServices(source)
  lastMade.set(spec, { from, services })
  return services
}

const makeServices = (source: ServiceSource): GeneratedServices => {
  const { canary, label, apexSelects } = source
  const names = serviceNames(canary)
  const { service } = canary.spec
  return {
    apex: serviceManifest(source, { name: names.apex, selector: selectorOf(label, apexSelects), metadata: service.apex }),
    primary: serviceManifest(source, {
      name: names.primary,
      selector: selectorOf(label, 'primary'),
      track: 'primary',
      metadata: service.primary,
    }),
    canary: serviceManifest(source, {
      name: names.canary,
      selector: selectorOf(label, 'target'),
      track: 'canary',
      metadata: service.canary,
    }),
  }
}

const serviceManifest = (source: ServiceSource, wanted: Wanted): Manifest => {
  const live = liveService(source, wanted.name)
  const { apiVersion, kind } = serviceKind
  return isAdopted(live, source.canary)
    ? { apiVersion, kind, metadata: adoptedMetadata(source, wanted, live), spec: adoptedSpec(source, wanted, live) }
    : { apiVersion, kind, metadata: ownMetadata(source, wanted, live), spec: ownSpec(source, wanted, live) }
}

const marksOf = ({ track }: Wanted): Selector => (track ? { [trackLabel]: track } : {})

const ownMetadata = ({ canary, label }: ServiceSource, wanted: Wanted, live: KubeObject | undefined) => {
  const { name, metadata } = wanted
  const { unmanagedMetadata } = canary.spec.service
  return metadataOf({
    canary,
    name,
    live,
    labels: { ...yielding(metadata?.labels, unmanagedMetadata?.labels, live?.metadata.labels), [label.key]: name, ...marksOf(wanted) },
    annotations: { ...yielding(metadata?.annotations, unmanagedMetadata?.annotations, live?.metadata.annotations), ...fluxIgnore },
  })
}

/** Keys that others own keep the value they have. They are not left out: that would take the value away where only we ever set it. */
const yielding = (own: Selector = {}, unmanaged: readonly string[] = [], live: Selector = {}): Selector =>
  Object.fromEntries(Object.entries(own).map(([key, value]) => [key, unmanaged.includes(key) ? (live[key] ?? value) : value]))

const ownSpec = ({ canary, ports }: ServiceSource, { selector }: Wanted, live: KubeObject | undefined): Fields => {
  const { service } = canary.spec
  const { type, clusterIP } = fieldsOf(live?.['spec']) as { readonly type?: unknown; readonly clusterIP?: unknown }
  // The API server never lets a Service become headless or stop being so; asking for it would block every other repair.
  const headless = live ? clusterIP === 'None' : service.headless
  return present({
    type: type ?? 'ClusterIP',
    clusterIP: headless ? 'None' : undefined,
    selector,
    ports: withNodePorts(mergePorts(service, ports), livePorts(live)),
    trafficDistribution: service.trafficDistribution,
  })
}

const adoptedMetadata = ({ canary }: ServiceSource, wanted: Wanted, live: KubeObject) => {
  const { name, selector } = wanted
  const spec = fieldsOf(live['spec'])
  const original = sameSelector(spec['selector'], selector) ? undefined : { selector: spec['selector'] ?? {}, ports: spec['ports'] ?? [] }
  return metadataOf({ canary, name, live, labels: marksOf(wanted), annotations: fluxIgnore, original })
}

/** Only the pods and the ports are ours; ports that others need stay. */
const adoptedSpec = ({ canary, ports }: ServiceSource, { selector }: Wanted, live: KubeObject): Fields => {
  const there = livePorts(live)
  const ours = withNodePorts(mergePorts(canary.spec.service, ports), there)
  return { selector, ports: [...ours, ...portsBeside(ours, there)] }
}

/**
 * The merge patch that has to land before a Service manifest is applied, or undefined. Server-side apply merges ports by number and cannot
 * take away one that somebody else wrote; left beside ours under the same name, it would make the API server refuse every repair.
 */
export const replacePorts = (manifest: Manifest, live: KubeObject | undefined): { readonly spec: Fields } | undefined => {
  const wanted = livePorts(manifest)
  const strays = livePorts(live).some(port => wanted.every(other => keyOfPort(other) !== keyOfPort(port)))
  return strays ? { spec: { ports: fieldsOf(manifest['spec'])['ports'] } } : undefined
}

/** Why the Services of this Canary cannot be written: names that do not fit, objects of the same name that are somebody else's. */
export const checkServices = (source: StandingSource): readonly RoutingProblem[] => {
  const { canary, live } = source
  const { apex, primary } = serviceNames(canary)
  return [
    ...nameProblems(canary, primary),
    ...labelProblems(source.label),
    ...claimedByOthers(canary, live, [[serviceKind, apex]]),
    ...trackProblems(source),
  ]
}

const maxLabelLength = 63
const suffixLength = '-primary'.length
const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

const nameProblems = ({ spec }: Canary, primary: string): readonly RoutingProblem[] => {
  if (primary.length <= maxLabelLength && dnsLabel.test(primary)) return []
  const path = spec.service.name ? 'spec.service.name' : 'spec.targetRef.name'
  const name = primary.slice(0, -suffixLength)
  const expected = `a name of lower-case letters, digits and dashes with at most ${maxLabelLength - suffixLength} characters`
  return [{ path, message: `expected ${expected}, got ${JSON.stringify(name)} (${name.length}): set spec.service.name to one` }]
}

const labelProblems = ({ key, value }: SelectorLabel): readonly RoutingProblem[] => {
  if (value.length <= maxLabelLength - suffixLength) return []
  const expected = `a value of at most ${maxLabelLength - suffixLength} characters for the selector label ${key}`
  return [
    {
      path: 'spec.targetRef',
      message: `expected ${expected}, got ${JSON.stringify(value)} (${value.length}): shorten the label of the target`,
    },
  ]
}

/** A Service of a track is ours, or nobody's and selects what ours will: anything else is in use, and changing it would move its traffic. */
const trackProblems = (source: StandingSource): readonly RoutingProblem[] => {
  const { canary, label } = source
  const { primary, canary: ofCanary } = serviceNames(canary)
  const tracks = [
    { live: liveService(source, primary), selector: selectorOf(label, 'primary') },
    { live: liveService(source, ofCanary), selector: selectorOf(label, 'target') },
  ]
  return tracks.flatMap(({ live, selector }) => (isAdopted(live, canary) ? foreignTrack(live, selector) : []))
}

const foreignTrack = (live: KubeObject, selector: Selector): readonly RoutingProblem[] => {
  const owner = controllerOf(live)
  if (!owner && sameSelector(fieldsOf(live['spec'])['selector'], selector)) return []
  const whose = owner ? `is controlled by ${owner.kind} ${owner.name}` : 'exists and selects other pods'
  const message = `${objectText(live)} ${whose}, but the Canary needs one of this name: rename or delete it, or set spec.service.name`
  return [{ path: 'spec.service.name', reason: 'ForeignObject', message }]
}

/**
 * What deletion puts back: the adopted apex selects the pods it selected before us. From what kubectl last applied, else from what was
 * remembered at adoption, else (taken over from another controller) the pods of the target.
 */
export const revertServices = ({ canary, label, live }: StandingSource): readonly Manifest[] => {
  const apex = liveService({ canary, live }, serviceNames(canary).apex)
  if (!isAdopted(apex, canary) || claimedByOthers(canary, live, [[serviceKind, keyOf(apex).name]]).length > 0) return []
  const remembered = rememberedSpec(apex)
  const selectsPrimary = sameSelector(fieldsOf(apex['spec'])['selector'], selectorOf(label, 'primary'))
  if (!remembered && !selectsPrimary) return []
  const selector = lastAppliedSpec(apex)?.['selector'] ?? remembered?.['selector'] ?? selectorOf(label, 'target')
  return [handBack(apex, { selector, ports: remembered?.['ports'] ?? livePorts(apex) })]
}

/** The Service that users call by this name, if it leads to a track of the target, with the selector that it should have now. */
export const ledApex = (source: StandingSource & Pick<ServiceSource, 'apexSelects'>): FollowedRoute | undefined => {
  const { label, apexSelects } = source
  const object = liveService(source, serviceNames(source.canary).apex)
  const leadsTo = (track: 'target' | 'primary') => sameSelector(fieldsOf(object?.['spec'])['selector'], selectorOf(label, track))
  return object && (leadsTo('target') || leadsTo('primary'))
    ? { kind: serviceKind, object, spec: { selector: selectorOf(label, apexSelects) } }
    : undefined
}

const sameSelector = (live: unknown, wanted: Selector): boolean => {
  const entries = Object.entries(fieldsOf(live))
  return entries.length === Object.keys(wanted).length && entries.every(([key, value]) => wanted[key] === value)
}

const liveService = ({ canary, live }: Pick<ServiceSource, 'canary' | 'live'>, name: string): KubeObject | undefined =>
  live.get(serviceKind, { namespace: canary.metadata.namespace ?? '', name })
