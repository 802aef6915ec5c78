import { type Canary, primaryName } from '../api/canary.ts'
import { deploymentKind } from '../api/kinds.ts'
import { flaggerIdMark } from '../api/marks.ts'
import type { KubeObject } from '../api/object.ts'
import { controllerOf, isControlledBy, objectText } from '../api/ownership.ts'
import type { Live } from '../core/live.ts'
import { contentHash } from './canonical.ts'
import { configRefs } from './config-references.ts'
import { deploymentOf, replicasOf } from './deployment-object.ts'
import { maxLabelLength, maxNameLength, primarySuffix } from './names.ts'
import { type PodTemplate, podTemplateOf } from './pod-template.ts'
import { discoveredPorts } from './port-discovery.ts'
import { clashingItems } from './unique-items.ts'
import type { Target, TargetOptions, Unusable } from './workload.ts'

export type Inspected = { readonly target: Target } | { readonly unusable: Unusable }

const unusable = (reason: Unusable['reason'], message: string): { readonly unusable: Unusable } => ({ unusable: { reason, message } })
const invalid = (message: string) => unusable('TargetInvalid', message)

const selectorLabel = (object: KubeObject, { selectorLabels }: TargetOptions): Target['label'] | undefined => {
  const labels = deploymentOf(object).spec.selector.matchLabels ?? {}
  const key = selectorLabels.find(candidate => labels[candidate] !== undefined)
  return key === undefined ? undefined : { key, value: labels[key] ?? '' }
}

/** Why no primary can be made from this target; undefined when one can. */
const misfit = ({ metadata }: KubeObject, label: Target['label'], template: PodTemplate): string | undefined => {
  const longest = maxNameLength - primarySuffix.length
  if (metadata.name.length > longest) {
    return `the name of the target must have at most ${longest} characters so that ${primarySuffix} can be added, got ${metadata.name.length}`
  }
  const longestLabel = maxLabelLength - primarySuffix.length
  if (label.value.length > longestLabel) {
    return `label ${label.key} of its selector must have at most ${longestLabel} characters so that ${primarySuffix} can be added, got ${label.value.length}`
  }
  const clash = clashingItems(template.spec)
  return clash && `its pod template names ${clash}; remove one, because server-side apply takes each only once`
}

/** A primary that was orphaned (its Canary deleted without it) still shows who made it. */
const wasMadeByUs = (primary: KubeObject): boolean =>
  podTemplateOf(deploymentOf(primary).spec.template).metadata?.annotations?.[flaggerIdMark] !== undefined

/** Whether the object that stands where the primary should be can be ours. */
const primaryObstacle = (canary: Canary, primary: KubeObject, label: Target['label']): Unusable | undefined => {
  const owner = controllerOf(primary)
  if (!isControlledBy(primary, canary) && (owner || !wasMadeByUs(primary))) {
    const whose = owner ? `one of ${owner.kind} ${owner.name}` : 'one that somebody made by hand'
    return { reason: 'ForeignObject', message: `expected ${objectText(primary)} to be made by us, found ${whose}; rename or delete it` }
  }
  const selected = deploymentOf(primary).spec.selector.matchLabels?.[label.key]
  const wanted = `${label.value}${primarySuffix}`
  if (selected === undefined || selected === wanted) return undefined
  return {
    reason: 'TargetInvalid',
    message: `expected ${objectText(primary)} to select ${label.key}=${wanted}, found ${label.key}=${selected}, which cannot be changed; delete it to have it made anew`,
  }
}

const targetOf = (canary: Canary, object: KubeObject, label: Target['label']): Target => {
  const deployment = deploymentOf(object)
  const template = podTemplateOf(deployment.spec.template)
  const { service } = canary.spec
  return {
    object,
    label,
    template: deployment.spec.template,
    templateHash: contentHash(deployment.spec.template),
    configs: configRefs(template.spec),
    ports: service.portDiscovery ? discoveredPorts(service, template) : [],
    replicas: replicasOf(deployment),
  }
}

/** Looks at the Deployment that a Canary targets, and at what stands where its primary should be. */
export const inspectDeployment = (canary: Canary, live: Live, options: TargetOptions): Inspected => {
  const namespace = canary.metadata.namespace ?? ''
  const { name } = canary.spec.targetRef
  const object = live.get(deploymentKind, { namespace, name })
  if (!object) return unusable('TargetMissing', `deployment ${name}.${namespace} does not exist; create it or correct spec.targetRef`)
  const label = selectorLabel(object, options)
  if (!label) {
    const found = Object.keys(deploymentOf(object).spec.selector.matchLabels ?? {})
    const expected = `spec.selector.matchLabels must contain one of [${options.selectorLabels.join(' ')}]`
    return invalid(
      `deployment ${name}.${namespace} ${expected}, found [${found.join(' ')}]; add one of them to the flag selector-labels, or to the selector`,
    )
  }
  const problem = misfit(object, label, podTemplateOf(deploymentOf(object).spec.template))
  if (problem) return invalid(`deployment ${name}.${namespace} cannot have a primary: ${problem}`)
  const primary = live.get(deploymentKind, { namespace, name: primaryName(canary) })
  const obstacle = primary && primaryObstacle(canary, primary, label)
  return obstacle ? { unusable: obstacle } : { target: targetOf(canary, object, label) }
}

/** The target's selector label, as the selector of its primary keeps it. */
const labelBehind = (primary: KubeObject, options: TargetOptions): Target['label'] | undefined => {
  const label = selectorLabel(primary, options)
  return label?.value.endsWith(primarySuffix) ? { ...label, value: label.value.slice(0, -primarySuffix.length) } : undefined
}

/** A Deployment that does not exist, in the place of one that did: its name, and no pods. */
const absent = ({ metadata, spec }: Canary, primary: KubeObject): KubeObject => ({
  ...primary,
  metadata: { name: spec.targetRef.name, ...(metadata.namespace !== undefined && { namespace: metadata.namespace }) },
  spec: { ...deploymentOf(primary).spec, replicas: 0 },
  status: {},
})

/** What the primary still says about a target that is missing or cannot be used. */
export const deploymentStandIn = (canary: Canary, live: Live, options: TargetOptions): Target | undefined => {
  const namespace = canary.metadata.namespace ?? ''
  const primary = live.get(deploymentKind, { namespace, name: primaryName(canary) })
  const label = primary && labelBehind(primary, options)
  if (!primary || !label) return undefined
  const found = live.get(deploymentKind, { namespace, name: canary.spec.targetRef.name })
  return { ...targetOf(canary, found ?? absent(canary, primary), label), configs: [] }
}
