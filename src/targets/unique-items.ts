import { type Container, containersOf, type PodSpec } from './pod-template.ts'

/*
 * Server-side apply refuses a list that has two items of one key, although the API server takes such a list by other ways. Where the second
 * item wins anyway the first is left out; where both count the target cannot be copied, and we say so.
 */

const lastOfEach = <T>(items: readonly T[], keyOf: (item: T) => unknown): readonly T[] => {
  const byKey = new Map<unknown, T>()
  for (const item of items) {
    byKey.delete(keyOf(item))
    byKey.set(keyOf(item), item)
  }
  return [...byKey.values()]
}

const inContainer = (container: Container): Container =>
  container.env ? { ...container, env: lastOfEach(container.env, ({ name }) => name) } : container

/** The pod spec without items that have no effect. */
export const withUniqueItems = (spec: PodSpec): PodSpec => ({
  ...spec,
  containers: spec.containers.map(inContainer),
  ...(spec.initContainers && { initContainers: spec.initContainers.map(inContainer) }),
  ...(spec.imagePullSecrets && { imagePullSecrets: lastOfEach(spec.imagePullSecrets, ({ name }) => name) }),
})

const repeated = (keys: readonly string[]): string | undefined => keys.find((key, index) => keys.indexOf(key) !== index)

const portClash = ({ name, ports = [] }: Container): string | undefined => {
  const key = repeated(ports.map(({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`))
  return key && `port ${key} twice in container ${name}`
}

/** Two items of one key of which both count, in words; undefined when there are none. */
export const clashingItems = (spec: PodSpec): string | undefined => {
  const port = containersOf(spec)
    .map(portClash)
    .find(clash => clash !== undefined)
  const address = repeated((spec.hostAliases ?? []).map(({ ip }) => ip))
  return port ?? (address && `host alias ${address} twice`)
}
