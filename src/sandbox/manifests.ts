import { readFile } from 'node:fs/promises'
import { parseAllDocuments } from 'yaml'
import type { KindRef, KubeObject } from '../api/object.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'

const namespaced = (apiVersion: string, kind: string, plural: string): KindRef => ({ apiVersion, kind, plural, namespaced: true })
const clusterWide = (apiVersion: string, kind: string, plural: string): KindRef => ({ apiVersion, kind, plural, namespaced: false })

/** Kinds that the sandbox's own manifests are made of. */
const kinds: readonly KindRef[] = [
  clusterWide('v1', 'Namespace', 'namespaces'),
  namespaced('v1', 'ConfigMap', 'configmaps'),
  namespaced('v1', 'Service', 'services'),
  namespaced('apps/v1', 'Deployment', 'deployments'),
  clusterWide('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions'),
  clusterWide('gateway.networking.k8s.io/v1', 'GatewayClass', 'gatewayclasses'),
  namespaced('gateway.networking.k8s.io/v1', 'Gateway', 'gateways'),
  namespaced('flagger.app/v1beta1', 'Canary', 'canaries'),
]

const kindOf = ({ apiVersion, kind }: KubeObject): KindRef => {
  const found = kinds.find(ref => ref.apiVersion === apiVersion && ref.kind === kind)
  if (!found) throw new Error(`the sandbox does not know how to apply ${apiVersion} ${kind}`)
  return found
}

/** The objects of a YAML text. `replace` puts real addresses where a cluster would have names. */
const readManifests = (text: string, replace: Readonly<Record<string, string>> = {}): readonly KubeObject[] => {
  const real = Object.entries(replace).reduce((words, [name, address]) => words.replaceAll(name, address), text)
  return parseAllDocuments(real).map(document => document.toJS() as KubeObject)
}

export interface ManifestFile {
  readonly file: URL
  /** What stands in the file where this machine has an address of its own. */
  readonly replace?: Readonly<Record<string, string>>
}

/** Applies a file, as `kubectl apply --server-side -f` does. */
export const applyFile = async (api: KubeApi, { file, replace = {} }: ManifestFile, io: Io): Promise<void> => {
  for (const object of readManifests(await readFile(file, 'utf8'), replace)) await api.apply(kindOf(object), object, io)
}
