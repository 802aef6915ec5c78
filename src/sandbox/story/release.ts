import type { KindRef, KubeObject } from '../../api/object.ts'
import type { Io } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'

const deploymentKind: KindRef = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true }
const key = { namespace: 'demo', name: 'shop' }

/** A version of the demo application, and how it behaves. */
export interface Version {
  readonly name: string
  /** Share of requests answered with 500, from 0 to 1. */
  readonly errorRate: number
  /** Added to every answer, milliseconds. */
  readonly latencyMs: number
}

interface Container {
  readonly name: string
  readonly image: string
  readonly env?: readonly { readonly name: string; readonly value: string }[]
}

/** Releases a version as a team would: by changing the pod template. Nothing else is told that anything happened. */
export const release = async (api: KubeApi, { name, errorRate, latencyMs }: Version, io: Io): Promise<void> => {
  const env = [
    { name: 'VERSION', value: name },
    { name: 'ERROR_RATE', value: String(errorRate) },
    { name: 'LATENCY_MS', value: String(latencyMs) },
  ]
  const found = await api.get(deploymentKind, key, io)
  const [container] = containersOf(found)
  if (!container) throw new Error('the Deployment demo/shop has no container; was it changed by hand?')
  const containers = [{ ...container, image: `serin-demo:${name}`, env }]
  await api.patch(deploymentKind, key, { type: 'merge', body: { spec: { template: { spec: { containers } } } } }, io)
}

/** Name of the version the target asks for now. */
export const currentVersion = async (api: KubeApi, io: Io): Promise<string> =>
  containersOf(await api.get(deploymentKind, key, io))[0]?.image.split(':')[1] ?? 'v0'

const containersOf = (deployment: KubeObject | undefined): readonly Container[] => {
  const spec = deployment?.['spec'] as
    | { readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } } }
    | undefined
  return spec?.template?.spec?.containers ?? []
}
