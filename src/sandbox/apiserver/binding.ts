import type { KubeObject } from '../../api/object.ts'
import { namedBy } from './admission.ts'
import { requiredValue } from './field-errors.ts'
import { listAt, objectAt, textAt } from './json-value.ts'
import { type Kernel, keyOfObject, timestamp } from './kernel.ts'
import { resourceId } from './resource.ts'
import { conflict, invalid, methodNotAllowed, notFound, type Status } from './status.ts'
import { withRevision } from './storing.ts'
import { liveOf, type Target, type WriteOptions } from './writing.ts'

export interface BindingRequest {
  /** A `Binding` whose target is the node. */
  readonly body: unknown
  readonly options: WriteOptions
}

/** Binding is no change of what is wanted: it counts no generation and belongs to no field manager. */
const scheduledOn = (kernel: Kernel, pod: KubeObject, nodeName: string): KubeObject => {
  const others = listAt(pod['status'], 'conditions').filter(condition => textAt(condition, 'type') !== 'PodScheduled')
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: timestamp(kernel) }
  return {
    ...pod,
    spec: { ...objectAt(pod, 'spec'), nodeName },
    status: { ...objectAt(pod, 'status'), conditions: [...others, scheduled] },
  }
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
  if (!options.dryRun) {
    const bound = scheduledOn(kernel, live, nodeName)
    kernel.storage.put('pods', keyOfObject(live), revision => withRevision(bound, revision))
  }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
}
