import { dirname, join } from 'node:path'

/** One thing in a directory of the machine. */
export type Entry =
  | { readonly name: string; readonly kind: 'directory' | 'file' }
  | { readonly name: string; readonly kind: 'link'; readonly target: string }

/** The machine's file system, as far as a plan needs it. */
export interface Place {
  list(directory: string): readonly Entry[]
  /** Behind links; undefined where there is nothing. */
  kindOf(path: string): 'directory' | 'file' | undefined
}

/** Something of the machine that is found at `path` of the new root. */
interface Bind {
  readonly source: string
  readonly path: string
}

/** How an empty directory becomes a root. All paths are those inside it; nothing of the machine itself is changed. */
export interface RootPlan {
  readonly directories: readonly string[]
  readonly files: readonly string[]
  readonly links: readonly { readonly path: string; readonly target: string }[]
  /** What the machine has, in any order. */
  readonly binds: readonly Bind[]
  /** What the container mounts, each after those around it. */
  readonly mounts: readonly Bind[]
}

const isBelow = (path: string, directory: string): boolean => path.startsWith(directory === '/' ? '/' : `${directory}/`)

/** The path without the machine's links on the way: `/var/run/x` is `/run/x` where `/var/run` is one. */
const withoutLinks = (path: string, place: Place): string => {
  const parent = dirname(path)
  if (parent === path) return path
  const real = withoutLinks(parent, place)
  const name = path.slice(parent === '/' ? 1 : parent.length + 1)
  const entry = place.kindOf(real) === 'directory' ? place.list(real).find(one => one.name === name) : undefined
  if (entry?.kind !== 'link') return join(real, name)
  return withoutLinks(entry.target.startsWith('/') ? entry.target : join(real, entry.target), place)
}

const empty: RootPlan = { directories: [], files: [], links: [], binds: [], mounts: [] }

const merged = (plans: readonly RootPlan[]): RootPlan => ({
  directories: plans.flatMap(({ directories }) => directories),
  files: plans.flatMap(({ files }) => files),
  links: plans.flatMap(({ links }) => links),
  binds: plans.flatMap(({ binds }) => binds),
  mounts: plans.flatMap(({ mounts }) => mounts),
})

/**
 * A root that looks like the machine's own with these mounts in it (mount path to where it really is). Where the machine has no such path, the
 * nearest directory that it has is made anew, entry by entry.
 */
export const planRoot = (mounts: ReadonlyMap<string, string>, place: Place): RootPlan => {
  const wanted = [...mounts].map(([path, source]) => ({ path: withoutLinks(join('/', path), place), source }))
  const missing = wanted.map(({ path }) => path).filter(path => place.kindOf(path) === undefined)

  const copy = (directory: string, entry: Entry): RootPlan => {
    const path = join(directory, entry.name)
    if (entry.kind === 'link') return { ...empty, links: [{ path, target: entry.target }] }
    if (entry.kind === 'file') return { ...empty, files: [path], binds: [{ source: path, path }] }
    if (missing.some(one => isBelow(one, path))) return merged([{ ...empty, directories: [path] }, fill(path)])
    return { ...empty, directories: [path], binds: [{ source: path, path }] }
  }
  const fill = (directory: string): RootPlan => merged(place.list(directory).map(entry => copy(directory, entry)))

  return { ...fill('/'), mounts: wanted.toSorted((a, b) => a.path.length - b.path.length) }
}
