import { apiGroup, type Canary } from './canary.ts'
import { canaryKind } from './kinds.ts'
import type { KubeObject, OwnerReference } from './object.ts'

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

/** `Deployment demo/app`, as messages for people say it. */
export const objectText = (object: KubeObject): string => `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`
