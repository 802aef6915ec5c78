import type { Canary } from '../api/canary.ts'
import type { KindRef, KubeObject, Manifest, ObjectMeta } from '../api/object.ts'
import { controllerOf, isCanaryReference, isControlledBy, objectText, ownedBy } from '../api/ownership.ts'
import type { Live } from '../core/live.ts'
import { type Fields, fieldsOf, isEmpty, parseFields } from './reading.ts'
import type { RoutingProblem } from './router.ts'

/*
 * An object that stood there before us is adopted: it keeps its owner, its metadata and every field we do not need, and remembers in an
 * annotation what it was, so that deletion can put it back. An object we made carries an owner reference and goes with the Canary.
 */

const originalMark = 'flagger.kubernetes.io/original-configuration'
const lastAppliedMark = 'kubectl.kubernetes.io/last-applied-configuration'

export const isAdopted = (live: KubeObject | undefined, canary: Canary): live is KubeObject =>
  live !== undefined && !isControlledBy(live, canary)

export interface MetadataParts {
  readonly canary: Canary
  readonly name: string
  readonly live: KubeObject | undefined
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** What to remember of an adopted object that we have not changed yet; undefined when it already carries our changes. */
  readonly original?: Fields | undefined
}

/** Metadata of a manifest: the keys we own and no others, an owner reference where the object is ours. */
export const metadataOf = ({ canary, name, live, labels, annotations, original }: MetadataParts): ObjectMeta => {
  const adopted = isAdopted(live, canary)
  const remembered = adopted ? rememberedText(live, original) : undefined
  const marked = { ...annotations, ...(remembered === undefined ? {} : { [originalMark]: remembered }) }
  return {
    name,
    ...(canary.metadata.namespace === undefined ? {} : { namespace: canary.metadata.namespace }),
    ...(isEmpty(labels) ? {} : { labels }),
    ...(isEmpty(marked) ? {} : { annotations: marked }),
    ...(adopted ? {} : { ownerReferences: [ownedBy(canary)] }),
  }
}

/** Written once, then carried over: a later repair must not replace the user's words by our own. */
const rememberedText = ({ metadata }: KubeObject, original: Fields | undefined): string | undefined =>
  metadata.annotations?.[originalMark] ?? (original === undefined ? undefined : JSON.stringify(original))

/** What kubectl last applied to the object, as a whole; the newest word of its user. */
export const lastAppliedSpec = ({ metadata }: KubeObject): Fields | undefined => {
  const spec = fieldsOf(parseFields(metadata.annotations?.[lastAppliedMark]))['spec']
  return spec === undefined ? undefined : fieldsOf(spec)
}

/** The spec remembered at adoption. */
export const rememberedSpec = ({ metadata }: KubeObject): Fields | undefined => parseFields(metadata.annotations?.[originalMark])

/** An adopted object with another spec and none of our metadata: applied, it takes back every field that only we own. */
export const handBack = (live: KubeObject, spec: Fields): Manifest => ({
  apiVersion: live.apiVersion,
  kind: live.kind,
  metadata: {
    name: live.metadata.name,
    ...(live.metadata.namespace === undefined ? {} : { namespace: live.metadata.namespace }),
  },
  spec,
})

/** Objects that we would have to change although another Canary controls them. */
export const claimedByOthers = (canary: Canary, live: Live, wanted: readonly (readonly [KindRef, string])[]): readonly RoutingProblem[] =>
  wanted.flatMap(([kind, name]) => {
    const found = live.get(kind, { namespace: canary.metadata.namespace ?? '', name })
    const owner = found && controllerOf(found)
    if (!found || !owner || !isCanaryReference(owner) || isControlledBy(found, canary)) return []
    return [
      {
        path: 'spec.service.name',
        reason: 'ForeignObject' as const,
        message: `${objectText(found)} is controlled by Canary ${owner.name}: set spec.service.name of one of the two to another name`,
      },
    ]
  })
