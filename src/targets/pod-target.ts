import { type Canary, primaryName } from '../api/canary.ts'
import { flaggerIdMark } from '../api/marks.ts'
import type { KubeObject } from '../api/object.ts'
import { controllerOf, isCanaryReference, isControlledBy, objectText } from '../api/ownership.ts'
import type { Live } from '../core/live.ts'
import { contentHash } from './canonical.ts'
import { configRefs } from './config-references.ts'
import { maxLabelLength, maxNameLength, primarySuffix } from './names.ts'
import { podTemplateOf } from './pod-template.ts'
import { type PodWorkload, podSpecOf } from './pod-workload.ts'
import { discoveredPorts } from './port-discovery.ts'
import { clashingItems } from './unique-items.ts'
import type { Inspected, Target, TargetOptions, Unusable } from './workload.ts'

const unusable = (reason: Unusable['reason'], message: string): { readonly unusable: Unusable } => ({ unusable: { reason, message } })
const invalid = (message: string) => unusable('TargetInvalid', message)

const selectorLabel = (object: KubeObject, { selectorLabels }: TargetOptions): Target['label'] | undefined => {
  const labels = podSpecOf(object).selector.matchLabels ?? {}
  const key = selectorLabels.find(candidate => labels[candidate] !== undefined)
  return key === undefined ? undefined : { key, value: labels[key] ?? '' }
}

/** Why no primary can be made from this target; undefined when one can. */
const misfit = (type: PodWorkload, object: KubeObject, label: Target['label']): string | undefined => {
  const { name } = object.metadata
  const owner = controllerOf(object)
  if (owner && isCanaryReference(owner)) return `it is the primary of Canary ${owner.name}; name the target of that Canary`
  const longest = maxNameLength - primarySuffix.length
  if (name.length > longest) {
    return `the name of the target must have at most ${longest} characters so that ${primarySuffix} can be added, got ${name.length}`
  }
  const longestLabel = maxLabelLength - primarySuffix.length
  if (label.value.length > longestLabel) {
    return `label ${label.key} of its selector must have at most ${longestLabel} characters so that ${primarySuffix} can be added, got ${label.value.length}`
  }
  const clash = clashingItems(podTemplateOf(podSpecOf(object).template).spec)
  return clash ? `its pod template names ${clash}; remove one, because server-side apply takes each only once` : type.misfit(object)
}

/** A primary that was orphaned (its Canary deleted without it) still shows who made it. */
const wasMadeByUs = (primary: KubeObject): boolean =>
  podTemplateOf(podSpecOf(primary).template).metadata?.annotations?.[flaggerIdMark] !== undefined

/** Whether the object that stands where the primary should be can be ours. */
const primaryObstacle = (canary: Canary, primary: KubeObject, label: Target['label']): Unusable | undefined => {
  const owner = controllerOf(primary)
  if (!isControlledBy(primary, canary) && (owner || !wasMadeByUs(primary))) {
    const whose = owner ? `one of ${owner.kind} ${owner.name}` : 'one that somebody made by hand'
    return { reason: 'ForeignObject', message: `expected ${objectText(primary)} to be made by us, found ${whose}; rename or delete it` }
  }
  const selected = podSpecOf(primary).selector.matchLabels?.[label.key]
  const wanted = `${label.value}${primarySuffix}`
  if (selected === undefined || selected === wanted) return undefined
  return {
    reason: 'TargetInvalid',
    message: `expected ${objectText(primary)} to select ${label.key}=${wanted}, found ${label.key}=${selected}, which cannot be changed; delete it to have it made anew`,
  }
}

interface Seen {
  readonly canary: Canary
  readonly object: KubeObject
  readonly label: Target['label']
}

const targetOf = (type: PodWorkload, { canary, object, label }: Seen): Target => {
  const content = type.template(object)
  const template = podTemplateOf(content)
  const { service } = canary.spec
  return {
    object,
    label,
    template: content,
    templateHash: contentHash(content),
    configs: configRefs(template.spec),
    ports: service.portDiscovery ? discoveredPorts(service, template) : [],
    replicas: type.pods(object),
  }
}

const namedBy = ({ kind }: PodWorkload, { metadata, spec }: Canary, live: Live): KubeObject | undefined =>
  live.get(kind, { namespace: metadata.namespace ?? '', name: spec.targetRef.name })

/** What stands where the primary should be. */
export const podPrimaryIn =
  ({ kind }: Pick<PodWorkload, 'kind'>) =>
  (canary: Canary, live: Live): KubeObject | undefined =>
    live.get(kind, { namespace: canary.metadata.namespace ?? '', name: primaryName(canary) })

const unlabelled = (object: KubeObject, { selectorLabels }: TargetOptions): string => {
  const found = Object.keys(podSpecOf(object).selector.matchLabels ?? {})
  const expected = `spec.selector.matchLabels must contain one of [${selectorLabels.join(' ')}]`
  return `${expected}, found [${found.join(' ')}]; add one of them to the flag selector-labels, or to the selector`
}

/** Looks at the workload that a Canary targets, and at what stands where its primary should be. */
export const inspectPods =
  (type: PodWorkload) =>
  (canary: Canary, live: Live, options: TargetOptions): Inspected => {
    const object = namedBy(type, canary, live)
    const what = `${type.kind.kind.toLowerCase()} ${canary.spec.targetRef.name}.${canary.metadata.namespace ?? ''}`
    if (!object) return unusable('TargetMissing', `${what} does not exist; create it or correct spec.targetRef`)
    const label = selectorLabel(object, options)
    if (!label) return invalid(`${what} ${unlabelled(object, options)}`)
    const problem = misfit(type, object, label)
    if (problem) return invalid(`${what} cannot have a primary: ${problem}`)
    const primary = podPrimaryIn(type)(canary, live)
    const obstacle = primary && primaryObstacle(canary, primary, label)
    return obstacle ? { unusable: obstacle } : { target: targetOf(type, { canary, object, label }) }
  }

/** The target's selector label, as the selector of its primary keeps it. */
const labelBehind = (primary: KubeObject, options: TargetOptions): Target['label'] | undefined => {
  const label = selectorLabel(primary, options)
  return label?.value.endsWith(primarySuffix) ? { ...label, value: label.value.slice(0, -primarySuffix.length) } : undefined
}

/** A workload that does not exist, in the place of one that did: its name, and no pods. */
const absent = (type: PodWorkload, { metadata, spec }: Canary, primary: KubeObject): KubeObject => ({
  ...type.emptied(primary),
  metadata: { name: spec.targetRef.name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) },
  status: {},
})

/** What the primary still says about a target that is missing or cannot be used; one of somebody else says nothing. */
export const podStandIn =
  (type: PodWorkload) =>
  (canary: Canary, live: Live, options: TargetOptions): Target | undefined => {
    const primary = podPrimaryIn(type)(canary, live)
    const label = primary && labelBehind(primary, options)
    if (!primary || !label || primaryObstacle(canary, primary, label)) return undefined
    const object = namedBy(type, canary, live) ?? absent(type, canary, primary)
    return { ...targetOf(type, { canary, object, label }), configs: [] }
  }
