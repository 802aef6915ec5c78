import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '../../../src/api/object.ts'
import type { ClusterUnderTest } from '../cluster-under-test.ts'
import { foreignManifests, type Tools } from './tools.ts'

export interface InfrastructureOptions {
  readonly cluster: ClusterUnderTest
  readonly tools: Tools
  /** Where Prometheus asks what to scrape. */
  readonly discoveryUrl: string
}

/** Envoy's first configuration, as Contour writes it. */
const envoyBootstrap = async (tools: Tools): Promise<string> => {
  const xds = ['--xds-address=contour.projectcontour', '--xds-port=18001', '--xds-resource-version=v3']
  const folder = await mkdtemp(join(tmpdir(), 'serin-envoy-'))
  try {
    const file = join(folder, 'envoy.json')
    await tools.run('contour', ['bootstrap', ...xds, file])
    return await readFile(file, 'utf8')
  } finally {
    await rm(folder, { recursive: true })
  }
}

const configMap = (name: string, data: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'projectcontour', name },
  data,
})

const raiseContour = async ({ cluster, tools }: InfrastructureOptions): Promise<void> => {
  const contour = foreignManifests(cluster, 'contour')
  const files = ['00-common.yaml', '01-crds.yaml', '02-rbac.yaml', '02-role-contour.yaml'].map(name => join(contour, name))
  await tools.applyForeign(files)
  await tools.apply(configMap('envoy', { 'envoy.json': await envoyBootstrap(tools) }))
  for (const file of ['contour.yaml', 'envoy.yaml', 'gateway.yaml']) await tools.applyFile(file)
}

const deployed = [
  ['monitoring', 'prometheus'],
  ['monitoring', 'loadtester'],
  ['projectcontour', 'contour'],
  ['projectcontour', 'envoy'],
] as const

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

const wait = (tools: Tools, what: readonly string[]): Promise<string> => tools.kubectl(['wait', '--timeout=240s', ...what])

/** The gateway, the metric store and the load tester: what is there before Serin comes. Harmless when it is there already. */
export const raiseInfrastructure = async (options: InfrastructureOptions): Promise<void> => {
  const { cluster, tools, discoveryUrl } = options
  // Those that Contour was built for, before anybody can bring newer ones: stored at a newer version they cannot go back.
  const gatewayApi = join(foreignManifests(cluster, 'gateway-api'), '00-crds.yaml')
  await tools.applyForeign([gatewayApi])
  await wait(tools, ['--for=condition=Established', 'crd/httproutes.gateway.networking.k8s.io', 'crd/gateways.gateway.networking.k8s.io'])
  await tools.apply(namespace('monitoring'))
  await tools.applyFile('prometheus.yaml', { DISCOVERY_URL: discoveryUrl })
  await tools.applyFile('load-tester.yaml')
  await raiseContour(options)
  for (const [place, name] of deployed) await tools.kubectl(['rollout', 'status', '--timeout=240s', '-n', place, `deployment/${name}`])
  await wait(tools, ['--for=condition=Programmed', 'gateway/gateway', '-n', 'projectcontour'])
}
