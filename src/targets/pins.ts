import * as z from 'zod'
import type { Canary } from '../api/canary.ts'
import { controllerRevisionKind } from '../api/kinds.ts'
import { canaryLabel } from '../api/marks.ts'
import type { Json, KubeObject, Manifest } from '../api/object.ts'
import { isControlledBy, ownedBy } from '../api/ownership.ts'
import type { Pin } from '../api/status.ts'
import { contentHash, isComparable, sha256Hex } from './canonical.ts'
import { maxLabelLength, maxNameLength } from './names.ts'
import type { PinnedTemplate } from './workload.ts'

type Digests = Readonly<Record<string, string>>

/** The revision that was last asked for with these very digests: a pass asks several times. Nobody changes digests in place. */
const lastRevisions = new WeakMap<Digests, { readonly templateHash: string; readonly revision: string }>()

/** Identity of a revision: its template together with the digests of its tracked configuration. */
export const revisionHashOf = (templateHash: string, configs: Digests): string => {
  const last = lastRevisions.get(configs)
  if (last?.templateHash === templateHash) return last.revision
  const revision = contentHash([templateHash, Object.entries(configs).sort(([a], [b]) => (a < b ? -1 : 1))])
  lastRevisions.set(configs, { templateHash, revision })
  return revision
}

/** Room for `-s1-` and twenty digits. */
const longestBase = maxNameLength - 24

/** Name of the ControllerRevision that holds a revision of this target. */
export const pinName = (canary: Canary, revisionHash: string): string =>
  `${canary.spec.targetRef.name.slice(0, longestBase)}-${revisionHash}`

const labelValue = (name: string): string =>
  name.length <= maxLabelLength ? name : `${name.slice(0, maxLabelLength - 11)}-${sha256Hex(name).slice(0, 10)}`

export interface NewPin {
  readonly canary: Canary
  readonly pinned: PinnedTemplate
  readonly pin: Pin
  /** ControllerRevisions of the namespace, so that the new one gets the next number. */
  readonly earlier?: readonly KubeObject[]
}

const numberOf = (revision: KubeObject): number => (typeof revision['revision'] === 'number' ? revision['revision'] : 0)

/** The ControllerRevision that keeps a revision as it was analysed. The API server refuses any change to its data. */
export const pinManifest = ({ canary, pinned, pin, earlier = [] }: NewPin): Manifest => ({
  apiVersion: controllerRevisionKind.apiVersion,
  kind: controllerRevisionKind.kind,
  metadata: {
    name: pin.name,
    ...(canary.metadata.namespace !== undefined && { namespace: canary.metadata.namespace }),
    labels: { [canaryLabel]: labelValue(canary.metadata.name) },
    ownerReferences: [ownedBy(canary)],
  },
  data: pinned,
  revision: Math.max(0, ...earlier.filter(one => isControlledBy(one, canary)).map(numberOf)) + 1,
})

const AnyJson = z.custom<Json>(value => value !== undefined)

const StoredPin = z.object({
  template: AnyJson,
  templateHash: z.string(),
  configs: z.record(z.string(), z.string()).default({}),
  settings: z.record(z.string(), AnyJson).default({}),
})

/** Whether the template is the one that was pinned, as far as its hash was made the way we make it. */
const isIntact = ({ template, templateHash }: PinnedTemplate): boolean =>
  !isComparable(templateHash) || contentHash(template) === templateHash

/** What a ControllerRevision holds, of whatever kind; undefined when it holds no pin, or one whose template is not what its hash says. */
export const readPin = (revision: KubeObject): PinnedTemplate | undefined => {
  const read = StoredPin.safeParse(revision['data'])
  return read.success && isIntact(read.data) ? read.data : undefined
}

/** How many pins that no status names stay for people to look at. */
const history = 2

const youngestFirst = (a: KubeObject, b: KubeObject): number =>
  (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '') || numberOf(b) - numberOf(a)

/**
 * Pins of this Canary that may go: all but those its status names, those younger than these (a status in flight may name them) and a few
 * for history. None while the status names none.
 */
export const removablePins = (canary: Canary, revisions: readonly KubeObject[]): readonly KubeObject[] => {
  const named = new Set([canary.status.analysed?.name, canary.status.promoted?.name])
  const own = revisions.filter(one => isControlledBy(one, canary)).sort(youngestFirst)
  const first = own.findIndex(one => named.has(one.metadata.name))
  if (first < 0) return []
  return own
    .slice(first)
    .filter(one => !named.has(one.metadata.name))
    .slice(history)
}
