import { namedBy } from './admission.ts'
import { requiredValue } from './field-errors.ts'
import { objectAt, textAt, withField } from './json-value.ts'
import type { Kernel } from './kernel.ts'
import { resourceId } from './resource.ts'
import { conflict, invalid, methodNotAllowed, notFound, type Status } from './status.ts'
import { liveOf, replace, type Target, type WriteOptions } from './writing.ts'

export interface BindingRequest {
  /** A `Binding` whose target is the node. */
  readonly body: unknown
  readonly options: WriteOptions
}

/**
 * Gives a pod its node, as a scheduler does through `pods/NAME/binding`.
 * @throws {StatusError} 404 no such pod, 409 it has a node or is another pod than the binding says, 405 for anything but pods
 */
export const bindPod = (kernel: Kernel, target: Target, { body, options }: BindingRequest): Status => {
  const { endpoint, name } = target
  const named = namedBy(endpoint, name)
  if (resourceId(endpoint.resource) !== 'pods') throw methodNotAllowed()
  const live = liveOf(kernel, target)
  if (!live) throw notFound(named)
  const nodeName = textAt(objectAt(body, 'target'), 'name')
  if (nodeName === '') throw invalid(named, [requiredValue('target.name')])
  const uid = textAt(objectAt(body, 'metadata'), 'uid')
  if (uid !== '' && uid !== live.metadata.uid)
    throw conflict(named, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`)
  const before = textAt(live['spec'], 'nodeName')
  if (before !== '') throw conflict(named, `pod ${name} is already assigned to node ${JSON.stringify(before)}`)
  const wanted = withField({ ...live }, 'spec', { ...objectAt(live, 'spec'), nodeName })
  replace(kernel, { target: { ...target, subresource: '' }, live, wanted, options })
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
}
