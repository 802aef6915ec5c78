import type { EventFacts } from '../../kube/event-object.ts'
import type { Write } from './plan.ts'

const normal = (reason: string, message: string): EventFacts => ({ type: 'Normal', reason, message })

const replicasOf = (value: unknown): number | undefined => {
  const replicas = (value as { spec?: { replicas?: unknown } }).spec?.replicas
  return typeof replicas === 'number' ? replicas : undefined
}

const scaled = (name: string, before: number, after: number): EventFacts =>
  normal('ScalingReplicaSet', `Scaled ${after > before ? 'up' : 'down'} replica set ${name} from ${before} to ${after}`)

/** What people hear of a Deployment when one of its ReplicaSets was made or resized. */
export const rolloutNews = (write: Write): EventFacts | undefined => {
  if (write.verb === 'create') {
    const replicas = replicasOf(write.manifest) ?? 0
    return replicas > 0 ? scaled(write.manifest.metadata.name, 0, replicas) : undefined
  }
  if (write.verb !== 'patch') return undefined
  const [before, after] = [replicasOf(write.object), replicasOf(write.body)]
  return before === undefined || after === undefined ? undefined : scaled(write.object.metadata.name, before, after)
}

/** What people hear of the owner of pods when one was made or taken away. */
export const podNews = (write: Write): EventFacts | undefined => {
  if (write.verb === 'create') return normal('SuccessfulCreate', `Created pod: ${write.manifest.metadata.name}`)
  return write.verb === 'delete' ? normal('SuccessfulDelete', `Deleted pod: ${write.object.metadata.name}`) : undefined
}

/** What people hear of a pod that was given its node. */
export const bindingNews = (write: Write): EventFacts | undefined => {
  if (write.verb !== 'bind') return undefined
  const { namespace = '', name } = write.object.metadata
  return normal('Scheduled', `Successfully assigned ${namespace}/${name} to ${write.nodeName}`)
}
