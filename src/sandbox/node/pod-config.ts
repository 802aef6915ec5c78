import type { Io } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { type ConfigData, type ConfigLookup, type ConfigSource, configDataOf, configKinds } from './config-sources.ts'

const textOf = ({ kind, name }: ConfigSource): string => `${kind}/${name}`

/** Reads what a pod refers to, all at once, so that everything made from it is made from the same reading. */
export const readConfig = async (
  api: KubeApi,
  { namespace, sources }: { namespace: string; sources: readonly ConfigSource[] },
  io: Io,
): Promise<ConfigLookup> => {
  const found = await Promise.all(
    sources.map(async (source): Promise<[string, ConfigData | undefined]> => {
      const object = await api.get(configKinds[source.kind], { namespace, name: source.name }, io)
      return [textOf(source), object && configDataOf(source.kind, object)]
    }),
  )
  const byText = new Map(found)
  return source => byText.get(textOf(source))
}
