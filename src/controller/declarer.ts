import { fieldManager, formerFieldManager } from '../api/marks.ts'
import type { KubeObject, ManagedFieldsEntry } from '../api/object.ts'

/** Commands of people, who do not come back to apply the same again. */
const once = /^kubectl-(?!client-side-apply)/

/** What controllers set is no declaration. */
const own: readonly string[] = [fieldManager, formerFieldManager]

/** Whether the entry is one of somebody who applies manifests again and again: not that of a scaler, nor of a single command. */
const isDeclaration = ({ manager = '', operation, subresource, fieldsV1 }: ManagedFieldsEntry): boolean => {
  const spec = fieldsV1?.['f:spec']
  const ownsReplicas = typeof spec === 'object' && spec !== null && 'f:replicas' in spec
  return ownsReplicas && !subresource && !own.includes(manager) && (operation === 'Apply' || !once.test(manager))
}

/** The field manager that declares `replicas` of an object in manifests; undefined where nobody does. */
export const declarerOf = ({ metadata }: KubeObject): string | undefined => metadata.managedFields?.find(isDeclaration)?.manager
