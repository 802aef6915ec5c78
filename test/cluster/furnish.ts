import type { ClusterUnderTest } from './cluster-under-test.ts'
import type { Addresses } from './lifeline.ts'
import { installSerin } from './suite/serin-release.ts'
import { raiseStage } from './suite/stage.ts'

/** What people find in a cluster that is more than a control plane. */
export interface Furniture {
  readonly addresses: Addresses
  remove(): Promise<void>
}

const needed = ['kubectl', 'contour', 'envoy', 'prometheus']

/** Programs that furnishing needs and that are not here. */
export const missingFor = ({ binaries }: ClusterUnderTest, serin: boolean): readonly string[] =>
  [...needed, ...(serin ? ['helm'] : [])].filter(name => binaries[name] === undefined)

/** Puts into a cluster what the suite plays on: Contour with Envoy, Prometheus, the load tester; and, if wanted, Serin from its chart. */
export const furnish = async (cluster: ClusterUnderTest, serin: boolean): Promise<Furniture> => {
  const stage = await raiseStage(cluster)
  try {
    if (serin) await installSerin(stage, { replicas: 1 })
  } catch (error) {
    await stage.strike()
    throw error
  }
  const addresses = {
    'gateway (Contour, Envoy)': stage.gatewayUrl,
    Prometheus: 'http://prometheus.monitoring:9090',
    ...(serin ? { Serin: 'namespace serin-system', 'a shop to release': 'kubectl apply -f examples/cluster/shop.yaml' } : {}),
  }
  return { addresses, remove: stage.strike }
}
