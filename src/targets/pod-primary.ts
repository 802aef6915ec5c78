import { primaryName } from '../api/canary.ts'
import { fieldManager, flaggerIdMark, revisionMark } from '../api/marks.ts'
import type { Json, KubeObject, Manifest } from '../api/object.ts'
import { ownedBy } from '../api/ownership.ts'
import { type Place, placements, placePrimary } from './affinity.ts'
import { contentHash, uuidOf } from './canonical.ts'
import { configKey, renameConfigs } from './config-references.ts'
import { included, withoutFlux } from './metadata-copy.ts'
import { primarySuffix } from './names.ts'
import { revisionHashOf } from './pins.ts'
import { type PodSpec, type PodTemplate, podTemplateOf, type StringMap } from './pod-template.ts'
import { type PodWorkload, podSpecOf } from './pod-workload.ts'
import { withUniqueItems } from './unique-items.ts'
import type { PinnedTemplate, PrimarySource, Target } from './workload.ts'

type Settings = Readonly<Record<string, unknown>>

/** The fields beside the template that go with a revision; those of another kind of workload are left behind. */
const settingsIn = ({ settings }: PodWorkload, found: Settings): Readonly<Record<string, Json>> =>
  Object.fromEntries(settings.map(field => [field, found[field]] as const).filter((one): one is [string, Json] => one[1] !== undefined))

/** Data of the pin for a target as it is. */
export const podPin =
  (type: PodWorkload) =>
  ({ object, template, templateHash }: Target, digests: Readonly<Record<string, string>>): PinnedTemplate => ({
    template,
    templateHash,
    configs: digests,
    settings: settingsIn(type, podSpecOf(object)),
  })

/** Identity of the revision a primary runs, as we wrote it on it. */
export const revisionOnPrimary = (primary: KubeObject): string | undefined => primary.metadata.annotations?.[revisionMark]

const labelOf = ({ target: { label } }: PrimarySource): StringMap => ({ [label.key]: `${label.value}${primarySuffix}` })

/** Selectors cannot be changed, so a primary keeps the one it was made with. */
const selectorOf = (source: PrimarySource): StringMap => (source.live && podSpecOf(source.live).selector.matchLabels) ?? labelOf(source)

const podsOf = ({ pin, target, options }: PrimarySource, place: Place): PodSpec => {
  const { spec } = podTemplateOf(pin.template)
  const own = renameConfigs(spec, ({ kind, name }) => (configKey(kind, name) in pin.configs ? `${name}${primarySuffix}` : name))
  return withUniqueItems(place(own, target, options))
}

const templateOf = (source: PrimarySource, id: string, place: Place = placePrimary): PodTemplate => {
  const { labels, annotations } = podTemplateOf(source.pin.template).metadata ?? {}
  return {
    metadata: {
      labels: { ...withoutFlux(labels), ...selectorOf(source), ...labelOf(source) },
      annotations: { ...withoutFlux(annotations), [flaggerIdMark]: id },
    },
    spec: podsOf(source, place),
  }
}

const idOf = (template: PodTemplate): string | undefined => template.metadata?.annotations?.[flaggerIdMark]

const sameTemplate = (a: PodTemplate, b: PodTemplate): boolean => contentHash(a) === contentHash(b)

interface Comparison {
  /** All that it depends on but the live template. */
  readonly from: readonly unknown[]
  readonly found: PodTemplate | undefined
}

/** What each live template was held against last: it stays the same object from version to version of the primary. */
const comparisons = new WeakMap<PodTemplate, Comparison>()

const comparedWith = (source: PrimarySource): readonly unknown[] => {
  const { live, pin, target, options } = source
  const { label, object } = target
  const selector = live && podSpecOf(live).selector.matchLabels
  return [pin.template, pin.configs, selector, label.key, label.value, object.metadata.name, options]
}

/** The template that the live primary has, where some controller of the field would have made it from this very pin. */
const templateAsFound = (source: PrimarySource): PodTemplate | undefined => {
  const live = source.live && podTemplateOf(podSpecOf(source.live).template)
  const id = live && idOf(live)
  if (!live || !id) return undefined
  const from = comparedWith(source)
  const last = comparisons.get(live)
  if (last?.from.every((part, index) => part === from[index])) return last.found
  const found = placements.map(place => templateOf(source, id, place)).find(template => sameTemplate(template, live))
  comparisons.set(live, { from, found })
  return found
}

/** Whether the live primary runs exactly what the pin says, whoever made it. */
export const runsPin = (source: PrimarySource): boolean => templateAsFound(source) !== undefined

/**
 * The id on the pods: made from the revision, so that it changes when, and only when, the template or its configuration does. A primary that
 * another controller made and that runs this very template keeps all of it: taking it over must not restart its pods.
 */
const templateWithId = (source: PrimarySource, revision: string): PodTemplate => {
  const { live } = source
  const marked = live && revisionOnPrimary(live)
  const mayStay = live !== undefined && (marked === undefined || marked === revision)
  const found = mayStay ? templateAsFound(source) : undefined
  const id = live && marked === revision ? idOf(podTemplateOf(podSpecOf(live).template)) : undefined
  return found ?? templateOf(source, id ?? uuidOf(revision))
}

const weOwnReplicas = ({ metadata }: KubeObject): boolean =>
  (metadata.managedFields ?? []).some(({ manager, operation, fieldsV1 }) => {
    const spec = fieldsV1?.['f:spec'] as Readonly<Record<string, unknown>> | undefined
    return manager === fieldManager && operation === 'Apply' && spec?.['f:replicas'] !== undefined
  })

/**
 * How many pods the manifest asks for. With a scaler the number is its business, but a field that we own alone and stop applying would fall
 * back to its default, 1 pod, under full load. So:
 *
 *   creation       the target's number (at least 1), and we own the field
 *   until it acts  the live number, which changes nothing and keeps the field alive
 *   afterwards     nothing: changing the number through `scale` made the scaler its owner, and applying without it leaves it alone
 */
const replicasFor = ({ replicas, live, target }: PrimarySource): number | undefined => {
  if (replicas !== undefined) return replicas
  if (!live) return Math.max(1, target.replicas)
  return weOwnReplicas(live) ? (podSpecOf(live)['replicas'] as number | undefined) : undefined
}

/** The primary workload, complete in the fields we own. */
export const podPrimary =
  (type: PodWorkload) =>
  (source: PrimarySource): Manifest => {
    const { canary, pin, target, options } = source
    const { labels, annotations } = target.object.metadata
    const revision = revisionHashOf(pin.templateHash, pin.configs)
    const replicas = type.hasReplicas ? replicasFor(source) : undefined
    return {
      apiVersion: type.kind.apiVersion,
      kind: type.kind.kind,
      metadata: {
        name: primaryName(canary),
        ...(canary.metadata.namespace !== undefined && { namespace: canary.metadata.namespace }),
        labels: { ...included(labels, options.includeLabelPrefix), ...labelOf(source) },
        annotations: { ...included(annotations, options.includeLabelPrefix), [revisionMark]: revision },
        ownerReferences: [ownedBy(canary)],
      },
      spec: {
        ...settingsIn(type, pin.settings),
        ...(replicas !== undefined && { replicas }),
        selector: { matchLabels: selectorOf(source) },
        template: templateWithId(source, revision),
      },
    }
  }
