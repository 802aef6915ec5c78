import { apiGroup, type Canary } from './canary.ts'
import { canaryKind } from './kinds.ts'
import { fieldManager, formerFieldManager } from './marks.ts'
import type { KubeObject, ManagedFieldsEntry, OwnerReference } from './object.ts'

/** The controller reference that everything made for a Canary carries: it goes when the Canary goes. */
export const ownedBy = (canary: Canary): OwnerReference => ({
  apiVersion: canaryKind.apiVersion,
  kind: canaryKind.kind,
  name: canary.metadata.name,
  uid: canary.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

export const isCanaryReference = (owner: OwnerReference): boolean =>
  owner.kind === canaryKind.kind && owner.apiVersion.split('/')[0] === apiGroup

/** The one owner that controls the object. */
export const controllerOf = (object: KubeObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find(owner => owner.controller === true)

/** Whether the Canary controls the object. A Canary that was deleted and made anew still counts as the same. */
export const isControlledBy = (object: KubeObject, canary: Canary): boolean => {
  const owner = controllerOf(object)
  return owner !== undefined && isCanaryReference(owner) && owner.name === canary.metadata.name
}

/** Whether the object goes when the Canary (this very one) and all its other owners are gone. */
export const isOwnedBy = (object: KubeObject, { metadata: { uid } }: Canary): boolean =>
  object.metadata.ownerReferences?.some(owner => owner.uid === uid) ?? false

/**
 * Owners of an object that Canaries share: the first of them controls it, and it goes with the last of them. Those of a Canary of this name that
 * was deleted are left out.
 */
export const sharedOwners = (canary: Canary, live: KubeObject | undefined): readonly OwnerReference[] => {
  const own = ownedBy(canary)
  const others = (live?.metadata.ownerReferences ?? []).filter(
    owner => isCanaryReference(owner) && owner.uid !== own.uid && owner.name !== own.name,
  )
  return [{ ...own, controller: !others.some(({ controller }) => controller) }, ...others]
}

/** Fields that the controller before us wrote. Nobody takes them back any more: whoever applies one meets a conflict, and none ever goes. */
export const isFormerUpdate = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean =>
  manager === formerFieldManager && operation === 'Update' && !subresource

/** Whether we applied an object that nobody controls: one that a Canary left behind when it was deleted without it. */
export const isLeftBehind = (object: KubeObject): boolean =>
  controllerOf(object) === undefined &&
  (object.metadata.managedFields?.some(({ manager, operation }) => manager === fieldManager && operation === 'Apply') ?? false)

/** Of an object, and of its size: a status is never given back. */
const isPassing = ({ operation, subresource }: ManagedFieldsEntry): boolean =>
  operation === 'Update' && (!subresource || subresource === 'scale')

/** Fields that we, or the controller before us, changed with anything but an apply: owned until they are given back. */
export const isPassingOwner = (entry: ManagedFieldsEntry): boolean =>
  isFormerUpdate(entry) || (entry.manager === fieldManager && isPassing(entry))

/** `Deployment demo/app`, as messages for people say it. */
export const objectText = (object: KubeObject): string => `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`
