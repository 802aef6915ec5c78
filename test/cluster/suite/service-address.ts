import type { ObjectKey } from '../../../src/api/object.ts'
import type { Io } from '../../../src/io.ts'
import type { KubeApi } from '../../../src/kube/kube-api.ts'
import { services } from './kinds.ts'

/** The address under which all of the cluster reaches a Service. @throws {Error} there is no such Service */
export const serviceAddress = async (api: KubeApi, key: ObjectKey, io: Io): Promise<string> => {
  const service = await api.get(services, key, io)
  if (!service) throw new Error(`expected a Service ${key.namespace}/${key.name}, found none`)
  return (service['spec'] as { readonly clusterIP: string }).clusterIP
}
