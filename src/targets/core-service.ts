import { type Canary, serviceNames } from '../api/canary.ts'
import { endpointSliceKind, serviceKind } from '../api/kinds.ts'
import { fluxIgnore, revisionMark, selectionLabel } from '../api/marks.ts'
import { type Json, type KubeObject, keyOf, type Manifest } from '../api/object.ts'
import { controllerOf, isControlledBy, isLeftBehind, objectText, ownedBy } from '../api/ownership.ts'
import type { Live } from '../core/live.ts'
import type { Readiness } from '../core/readiness.ts'
import { contentHash } from './canonical.ts'
import { isServiceTemplate, selectorOf, serviceTemplate, trackSpec } from './core-service-object.ts'
import { included } from './metadata-copy.ts'
import { maxLabelLength, primarySuffix } from './names.ts'
import { revisionHashOf } from './pins.ts'
import { revisionOnPrimary } from './pod-primary.ts'
import type { Inspected, PrimarySource, Target, TargetOptions, Unusable, Workload, WorkloadWithPrimary } from './workload.ts'

const at = ({ metadata }: Canary, name: string) => ({ namespace: metadata.namespace ?? '', name })

const primaryIn = (canary: Canary, live: Live): KubeObject | undefined => live.get(serviceKind, at(canary, serviceNames(canary).primary))

const canaryServiceIn = (canary: Canary, live: Live): KubeObject | undefined =>
  live.get(serviceKind, at(canary, serviceNames(canary).canary))

const labelOf = (object: KubeObject, { selectorLabels }: TargetOptions): Target['label'] => {
  const selector = selectorOf(object)
  const key = selectorLabels.find(candidate => selector[candidate] !== undefined) ?? selectorLabels[0] ?? 'app'
  return { key, value: selector[key] ?? object.metadata.name }
}

/** The Service of the canary is what requests reach; until it stands the target, which selects the same pods, answers for it. */
const targetOf = (object: KubeObject, track: KubeObject | undefined, options: TargetOptions): Target => {
  const template = serviceTemplate(object)
  return {
    object,
    ...(track && { track }),
    label: labelOf(object, options),
    template,
    templateHash: contentHash(template),
    configs: [],
    ports: [],
    replicas: 1,
  }
}

const longestName = maxLabelLength - primarySuffix.length

/** Why the Service cannot have tracks. */
const misfit = (canary: Canary): Unusable | undefined => {
  const { apex } = serviceNames(canary)
  if (apex.length <= longestName) return undefined
  const message = `service ${canary.spec.targetRef.name}.${canary.metadata.namespace ?? ''} cannot have a primary: expected a name of at most ${longestName} characters so that ${primarySuffix} can be added, got ${apex.length}; set spec.service.name to a shorter one`
  return { reason: 'TargetInvalid', message }
}

/** Phases in which no controller of the field promoted anything yet. */
const neverPromoted: readonly Canary['status']['phase'][] = [undefined, '', 'Initializing']

/** One that nobody controls is ours to take: a controller of the field lost it when it promoted, or we did when a Canary was deleted without it. */
const wasLost = ({ status }: Canary, service: KubeObject): boolean => {
  if (isLeftBehind(service)) return true
  const isTakenOver = !status.promoted && !neverPromoted.includes(status.phase)
  return controllerOf(service) === undefined && (isTakenOver || isAsRecorded(status, service))
}

/** What is promoted, or on trial, stands there already: nothing of it changes but whose it is. */
const isAsRecorded = ({ promoted, analysed }: Canary['status'], service: KubeObject): boolean =>
  [promoted?.hash, analysed?.hash].includes(revisionHashOf(contentHash(serviceTemplate(service)), {}))

/** Services of the tracks that somebody else made. */
const foreign = (canary: Canary, live: Live): Unusable | undefined => {
  const { primary, canary: ofCanary } = serviceNames(canary)
  const found = [primary, ofCanary]
    .flatMap(name => live.get(serviceKind, at(canary, name)) ?? [])
    .find(service => !isControlledBy(service, canary) && !wasLost(canary, service))
  if (!found) return undefined
  const owner = controllerOf(found)
  const whose = owner ? `one of ${owner.kind} ${owner.name}` : 'one that somebody made by hand'
  const message = `expected ${objectText(found)} to be made by us, found ${whose}; rename or delete it, or set spec.service.name`
  return { reason: 'ForeignObject', message }
}

const inspect = (canary: Canary, live: Live, options: TargetOptions): Inspected => {
  const { name } = canary.spec.targetRef
  const object = live.get(serviceKind, at(canary, name))
  if (object) {
    const obstacle = misfit(canary) ?? foreign(canary, live)
    return obstacle ? { unusable: obstacle } : { target: targetOf(object, canaryServiceIn(canary, live), options) }
  }
  const message = `service ${name}.${canary.metadata.namespace ?? ''} does not exist; create it or correct spec.targetRef`
  return { unusable: { reason: 'TargetMissing', message } }
}

/** What the primary still says about a target that is missing or cannot be used. Beside a track that is not ours nothing is put right: both would be written. */
const standIn = (canary: Canary, live: Live, options: TargetOptions): Target | undefined => {
  const primary = primaryIn(canary, live)
  if (!primary || foreign(canary, live)) return undefined
  const { name } = canary.spec.targetRef
  const absent = { ...primary, metadata: { name, namespace: canary.metadata.namespace ?? '' } }
  return targetOf(live.get(serviceKind, at(canary, name)) ?? absent, canaryServiceIn(canary, live), options)
}

interface Track {
  readonly name: string
  readonly template: Json
  readonly templateHash: string
  readonly live: KubeObject | undefined
  readonly metadata: Canary['spec']['service']['primary']
  readonly marks: Readonly<Record<string, string>>
}

const trackService = ({ canary, target, options }: Omit<PrimarySource, 'pin' | 'live' | 'replicas'>, track: Track): Manifest => {
  const { labels, annotations } = target.object.metadata
  const { trafficDistribution } = canary.spec.service
  const copied = included(labels, options.includeLabelPrefix)
  return {
    apiVersion: serviceKind.apiVersion,
    kind: serviceKind.kind,
    metadata: {
      ...at(canary, track.name),
      labels: { ...copied, ...track.metadata?.labels, [selectionLabel]: track.templateHash },
      annotations: { ...included(annotations, options.includeLabelPrefix), ...track.metadata?.annotations, ...fluxIgnore, ...track.marks },
      ownerReferences: [ownedBy(canary)],
    },
    spec: { ...trackSpec(track.template, track.live), ...(trafficDistribution && { trafficDistribution }) },
  }
}

const ready: Readiness = { kind: 'ready', message: '', readyPods: 1, servingPods: 1, wantedPods: 1 }

/**
 * How many pods a Service has is its user's business; that it has one that serves is ours, before requests are sent there. Until its slices
 * follow its selector they list pods of the selection before, which serve as pods of any older revision do. One that selects none (it leads
 * outside, or its endpoints are written by hand) is taken at its word.
 */
const readiness: Workload['readiness'] = (service, _rule, live) => {
  const { name, labels } = service.metadata
  const key = keyOf(service)
  const endpoints = live?.endpointsOfAny?.(key, labels?.[selectionLabel])
  if (endpoints === undefined || Object.keys(selectorOf(service)).length === 0 || endpoints.length > 0) return ready
  const isBehind = (live?.endpointsOfAny?.(key) ?? []).length > 0
  const message = isBehind ? `the endpoints of service ${name} do not follow its selector yet` : `service ${name} has no ready endpoint`
  return { kind: 'waiting', message, readyPods: 0, servingPods: isBehind ? 1 : 0, wantedPods: 1, isUntimed: true }
}

/**
 * A core Service, for those who manage its pods by themselves: each track is a copy of it. Named as the Services of any other target are, after
 * `service.name`, because that is what routes lead to.
 */
export const coreService: WorkloadWithPrimary = {
  name: serviceKind.kind,
  can: { scale: false, select: false, rebuild: true },
  kind: serviceKind,
  kinds: [serviceKind, endpointSliceKind],
  inspect,
  standIn,
  primaryIn,
  accepts: isServiceTemplate,
  pin: ({ template, templateHash }, digests) => ({ template, templateHash, configs: digests, settings: {} }),
  primary: source => {
    const { canary, pin, live } = source
    const marks = { [revisionMark]: revisionHashOf(pin.templateHash, pin.configs) }
    const { primary } = serviceNames(canary)
    const { template, templateHash } = pin
    return trackService(source, { name: primary, template, templateHash, live, metadata: canary.spec.service.primary, marks })
  },
  canaryService: ({ canary, target, pin, live, options }) => {
    const { canary: name } = serviceNames(canary)
    const found = live.get(serviceKind, at(canary, name))
    const { template, templateHash } = pin ?? target
    const track = { name, template, templateHash, live: found, metadata: canary.spec.service.canary, marks: {} }
    return trackService({ canary, target, options }, track)
  },
  revisionOf: revisionOnPrimary,
  runs: ({ pin, live }) => live !== undefined && contentHash(serviceTemplate(live)) === contentHash(pin.template),
  origin: ({ target: { label }, primary, options }) => ({ ...targetOf(primary, undefined, options), label }),
  readiness,
  park: () => undefined,
  unpark: () => undefined,
}
