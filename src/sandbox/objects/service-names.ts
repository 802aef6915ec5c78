import type { ObjectKey } from '../../api/object.ts'

const clusterSuffix = /\.svc(?:\.cluster(?:\.local)?)?$/

/**
 * The Service that a host name means inside a cluster: `NAME`, `NAME.NAMESPACE`, `NAME.NAMESPACE.svc` or `NAME.NAMESPACE.svc.cluster.local`,
 * with or without a final dot. Undefined when it cannot be one.
 */
export const serviceOfHost = (host: string, namespace: string): ObjectKey | undefined => {
  const labels = host.toLowerCase().replace(/\.$/, '').replace(clusterSuffix, '').split('.')
  const [name = '', second = namespace, ...rest] = labels
  const valid = rest.length === 0 && [name, second].every(label => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(label))
  return valid ? { namespace: second, name } : undefined
}
