import { configMapKind, secretKind } from '../api/kinds.ts'
import { flaggerIdMark } from '../api/marks.ts'
import type { Json } from '../api/object.ts'
import { isCanaryReference } from '../api/ownership.ts'
import { unplaced } from './affinity.ts'
import { contentHash } from './canonical.ts'
import { configRefs, renameConfigs } from './config-references.ts'
import { twinName } from './config-tracking.ts'
import { primarySuffix } from './names.ts'
import { type PodTemplate, podTemplateOf, type StringMap } from './pod-template.ts'
import { podSpecOf } from './pod-workload.ts'
import type { ConfigRef, OriginSource, Target } from './workload.ts'

type Named = Pick<ConfigRef, 'kind' | 'name'>

/** Whether the object is a copy that some Canary has. */
const isTwin = ({ canary, live }: OriginSource, { kind, name }: Named): boolean => {
  const found = live.get(kind === 'Secret' ? secretKind : configMapKind, { namespace: canary.metadata.namespace ?? '', name })
  return name.endsWith(primarySuffix) && (found?.metadata.ownerReferences ?? []).some(isCanaryReference)
}

const withoutSuffix = (name: string): string => name.slice(0, -primarySuffix.length)

const ownLabels = ({ target: { label } }: OriginSource, labels: StringMap): StringMap =>
  labels[label.key] === `${label.value}${primarySuffix}` ? { ...labels, [label.key]: label.value } : labels

const withoutId = ({ [flaggerIdMark]: _, ...annotations }: StringMap): StringMap => annotations

const templateBehind = (source: OriginSource): PodTemplate => {
  const { metadata, spec } = podTemplateOf(podSpecOf(source.primary).template)
  const own = renameConfigs(spec, ({ kind, name }) => (isTwin(source, { kind, name }) ? withoutSuffix(name) : name))
  return {
    metadata: {
      ...(metadata?.labels && { labels: ownLabels(source, metadata.labels) }),
      ...(metadata?.annotations && { annotations: withoutId(metadata.annotations) }),
    },
    spec: unplaced(own, source.target, source.options),
  }
}

/** The target as it was when a primary of pods was made from it: every rewrite undone. `configs` are the sources of its copies. */
export const podOrigin = (source: OriginSource): Target => {
  const template = templateBehind(source)
  const content = template as unknown as Json
  return {
    ...source.target,
    object: source.primary,
    template: content,
    templateHash: contentHash(content),
    configs: configRefs(template.spec).filter(({ kind, name }) => isTwin(source, { kind, name: twinName(name) })),
  }
}
