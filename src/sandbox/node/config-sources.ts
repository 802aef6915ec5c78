import * as z from 'zod'
import type { KindRef, KubeObject } from '../../api/object.ts'
import { configMaps, secrets } from '../objects/kinds.ts'
import type { Container, Volume, VolumeSource } from '../objects/pod.ts'
import { Labels } from '../objects/view.ts'

/** Contents of a ConfigMap or Secret by key, decoded. */
export type ConfigData = ReadonlyMap<string, Buffer>

export type ConfigKind = 'configmap' | 'secret'

/** One ConfigMap or Secret that a pod needs before it can start. */
export interface ConfigSource {
  readonly kind: ConfigKind
  readonly name: string
}

/** What was found; undefined means that there is no such object. */
export type ConfigLookup = (source: ConfigSource) => ConfigData | undefined

export const configKinds: Readonly<Record<ConfigKind, KindRef>> = { configmap: configMaps, secret: secrets }

const ConfigObject = z.looseObject({ data: Labels.nullish(), binaryData: Labels.nullish() })

const decoded = (values: Labels | null | undefined, encoding: BufferEncoding): [string, Buffer][] =>
  Object.entries(values ?? {}).map(([key, value]) => [key, Buffer.from(value, encoding)])

export const configDataOf = (kind: ConfigKind, object: KubeObject): ConfigData => {
  const { data, binaryData } = ConfigObject.parse(object)
  return new Map([...decoded(data, kind === 'secret' ? 'base64' : 'utf8'), ...decoded(binaryData, 'base64')])
}

const sourcesOfEnv = ({ env = [], envFrom = [] }: Container): ConfigSource[] => [
  ...env.flatMap(({ valueFrom }): ConfigSource[] => [
    ...(valueFrom?.configMapKeyRef ? [{ kind: 'configmap', name: valueFrom.configMapKeyRef.name } as const] : []),
    ...(valueFrom?.secretKeyRef ? [{ kind: 'secret', name: valueFrom.secretKeyRef.name } as const] : []),
  ]),
  ...envFrom.flatMap(({ configMapRef, secretRef }): ConfigSource[] => [
    ...(configMapRef ? [{ kind: 'configmap', name: configMapRef.name } as const] : []),
    ...(secretRef ? [{ kind: 'secret', name: secretRef.name } as const] : []),
  ]),
]

const sourcesOfVolume = ({ configMap, secret }: VolumeSource): ConfigSource[] => [
  ...(configMap ? [{ kind: 'configmap', name: configMap.name } as const] : []),
  ...(secret ? [{ kind: 'secret', name: secret.secretName ?? secret.name ?? '' } as const] : []),
]

/** Every ConfigMap and Secret that containers and volumes refer to, each once. */
export const sourcesOf = (containers: readonly Container[], volumes: readonly Volume[]): ConfigSource[] => {
  const all = [
    ...containers.flatMap(sourcesOfEnv),
    ...volumes.flatMap(volume => [volume, ...(volume.projected?.sources ?? [])].flatMap(sourcesOfVolume)),
  ]
  return [...new Map(all.map(source => [`${source.kind}/${source.name}`, source])).values()]
}

/** Something that a container or a volume insists on is not there. The message is what the pod's status says. */
export class ConfigMissing extends Error {}
