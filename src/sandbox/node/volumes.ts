import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, isAbsolute, join, normalize } from 'node:path'
import type { Container, Volume, VolumeSource } from '../objects/pod.ts'
import { type ConfigData, type ConfigKind, type ConfigLookup, ConfigMissing } from './config-sources.ts'
import { fieldValue, type PodSelf } from './field-path.ts'
import type { TokenLookup } from './service-account-token.ts'

export interface VolumeSources {
  readonly lookup: ConfigLookup
  readonly tokens: TokenLookup
  readonly self: PodSelf
}

/** Files of a volume by relative path. */
export type Files = ReadonlyMap<string, Buffer>

interface ConfigVolume {
  readonly kind: ConfigKind
  readonly name: string
  readonly items?: readonly { readonly key: string; readonly path: string }[] | undefined
  readonly optional?: boolean | undefined
}

const filesOfConfig = ({ kind, name, items, optional }: ConfigVolume, lookup: ConfigLookup): [string, Buffer][] => {
  const data: ConfigData | undefined = lookup({ kind, name })
  if (!data && !optional) throw new ConfigMissing(`${kind} "${name}" not found`)
  if (!items) return [...(data ?? [])]
  return items.flatMap(({ key, path }): [string, Buffer][] => {
    const content = data?.get(key)
    if (content) return [[path, content]]
    if (optional) return []
    throw new ConfigMissing(`${kind} "${name}" references non-existent key: ${key}`)
  })
}

const filesOfSource = (
  { configMap, secret, downwardAPI, serviceAccountToken: token }: VolumeSource,
  { lookup, tokens, self }: VolumeSources,
): [string, Buffer][] => [
  ...(token ? [[token.path, Buffer.from(tokens(token))] satisfies [string, Buffer]] : []),
  ...(configMap ? filesOfConfig({ ...configMap, kind: 'configmap' }, lookup) : []),
  ...(secret ? filesOfConfig({ ...secret, kind: 'secret', name: secret.secretName ?? secret.name ?? '' }, lookup) : []),
  ...(downwardAPI?.items ?? []).map(({ path, fieldRef }): [string, Buffer] => [
    path,
    Buffer.from(fieldValue(fieldRef?.fieldPath ?? '', self) ?? ''),
  ]),
]

/**
 * What a volume holds when the pod starts. An emptyDir, and any kind we do not know, starts empty.
 * @throws {ConfigMissing} something that is not optional is missing
 */
export const filesOf = (volume: Volume, sources: VolumeSources): Files =>
  new Map([volume, ...(volume.projected?.sources ?? [])].flatMap(source => filesOfSource(source, sources)))

/** Keys of a ConfigMap cannot leave their volume, but `items[].path` is the user's text. */
const insideOf = (directory: string, path: string): string => {
  const clean = normalize(path)
  if (isAbsolute(clean) || clean.startsWith('..')) throw new ConfigMissing(`volume path ${JSON.stringify(path)} leaves its volume`)
  return join(directory, clean)
}

/** The volumes of one pod on disk. */
export interface PodVolumes {
  /** Where each mount path of this container really is. */
  mountsOf(container: Container): ReadonlyMap<string, string>
  /**
   * Writes what has changed since. Programs see each file as it was or as it is, nothing in between.
   * @throws {ConfigMissing} something that is not optional is missing; everything stays as it was
   */
  update(sources: VolumeSources): Promise<void>
  /** Removes everything. */
  remove(): Promise<void>
}

const replaceFile = async (file: string, content: Buffer): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  const draft = join(dirname(file), `..${basename(file)}`)
  // Contents of Secrets are among them: for our own eyes only.
  await writeFile(draft, content, { mode: 0o600 })
  await rename(draft, file)
}

const bringTo = async (directory: string, before: Files, after: Files): Promise<void> => {
  await mkdir(directory, { recursive: true })
  for (const [path, content] of after) if (!before.get(path)?.equals(content)) await replaceFile(insideOf(directory, path), content)
  for (const path of before.keys()) if (!after.has(path)) await rm(insideOf(directory, path), { force: true })
}

const noVolumes: PodVolumes = { mountsOf: () => new Map(), update: async () => {}, remove: async () => {} }
const noFiles: Files = new Map()

/** Writes the volumes below a temporary directory of their own; none, and nothing is written. */
export const writeVolumes = async (volumes: readonly Volume[], sources: VolumeSources): Promise<PodVolumes> => {
  if (volumes.length === 0) return noVolumes
  const contentsFrom = (from: VolumeSources) => new Map(volumes.map(volume => [volume.name, filesOf(volume, from)]))
  const first = contentsFrom(sources)
  const root = await mkdtemp(join(tmpdir(), 'serin-pod-'))
  const placeOf = (name: string, subPath = '') => join(root, name, subPath)
  const remove = () => rm(root, { recursive: true, force: true })
  let written: ReadonlyMap<string, Files> = new Map()
  const write = async (contents: ReadonlyMap<string, Files>) => {
    for (const [name, files] of contents) await bringTo(placeOf(name), written.get(name) ?? noFiles, files)
    written = contents
  }
  try {
    await write(first)
  } catch (error) {
    await remove()
    throw error
  }
  return {
    mountsOf: ({ volumeMounts = [] }) => new Map(volumeMounts.map(({ name, mountPath, subPath }) => [mountPath, placeOf(name, subPath)])),
    update: from => write(contentsFrom(from)),
    remove,
  }
}

/** Text of a container with its mount paths replaced by where the mounts really are: `--config=/etc/app/x.yaml` reaches its file. */
export const withRealPaths = (text: string, mounts: ReadonlyMap<string, string>): string => {
  const [, prefix = '', path = ''] = /^([^/]*?=?)(\/.*)$/s.exec(text) ?? []
  const deepestFirst = [...mounts].sort(([a], [b]) => b.length - a.length)
  const mount = deepestFirst.find(
    ([mountPath]) => path === mountPath || path.startsWith(mountPath.endsWith('/') ? mountPath : `${mountPath}/`),
  )
  return mount ? `${prefix}${mount[1]}${path.slice(mount[0].replace(/\/$/, '').length)}` : text
}
