import { clusterUnderTest } from '../cluster-under-test.ts'

const programs = ['kubectl', 'helm', 'contour', 'envoy', 'prometheus'] as const
const folders = ['gateway-api', 'contour', 'istio'] as const

/** What the main job needs and this cluster does not bring. A cluster of somebody else has neither our programs as images nor parts that may be broken. */
export const missing = (): readonly string[] => {
  const { control, auditLog, binaries, manifests } = clusterUnderTest()
  return [
    ...(control && auditLog ? [] : ['a control plane of our own']),
    ...programs.filter(name => binaries[name] === undefined),
    ...folders.filter(name => manifests[name] === undefined).map(name => `the manifests of ${name}`),
  ]
}
