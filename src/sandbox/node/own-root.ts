import { execFile } from 'node:child_process'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from './program.ts'
import { type Entry, type Place, planRoot } from './root-plan.ts'

/** What the processes of a container should find. */
export interface RootView {
  /** An empty directory of the container's own, where its root is put together. */
  readonly root: string
  /** Where each mount path really is. */
  readonly mounts: ReadonlyMap<string, string>
  readonly hostname: string
  /** Where programs start. */
  readonly workingDirectory: string
}

const kindOf = (path: string): 'directory' | 'file' | undefined => {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats && (stats.isDirectory() ? 'directory' : 'file')
}

const list = (directory: string): readonly Entry[] =>
  readdirSync(directory, { withFileTypes: true }).map(entry => {
    const { name } = entry
    if (entry.isSymbolicLink()) return { name, kind: 'link', target: readlinkSync(join(directory, name)) }
    return { name, kind: entry.isDirectory() ? 'directory' : 'file' }
  })

const machine: Place = { list, kindOf }

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** A field of fstab(5). */
const tableField = (text: string): string => text.replace(/[\\\s]/g, found => `\\${found.charCodeAt(0).toString(8).padStart(3, '0')}`)

const all = (command: string, paths: readonly string[]): string[] =>
  paths.length === 0 ? [] : [`${command} ${paths.map(quoted).join(' ')}`]

const mountLines = (source: string, target: string): string[] => {
  const make = kindOf(source) === 'directory' ? `mkdir -p ${quoted(target)}` : `touch ${quoted(target)}`
  return [
    `[ -e ${quoted(target)} ] || { mkdir -p ${quoted(dirname(target))}; ${make}; }`,
    `mount --rbind ${quoted(source)} ${quoted(target)}`,
  ]
}

/** Hundreds of mounts in one program, from a table: one program each would take a second. */
const bindLines = (binds: readonly { readonly source: string; readonly target: string }[], table: string): string[] => [
  `cat > ${quoted(table)} <<'END'`,
  ...binds.map(({ source, target }) => `${tableField(source)} ${tableField(target)} none rbind 0 0`),
  'END',
  `mount --all --fstab ${quoted(table)}`,
  `rm ${quoted(table)}`,
]

const scriptOf = ({ root, mounts, hostname, workingDirectory }: RootView): string => {
  const plan = planRoot(mounts, machine)
  const inside = (path: string) => join(root, path)
  return [
    'set -e',
    `mount -t tmpfs -o mode=755 container ${quoted(root)}`,
    ...all('mkdir -p', plan.directories.map(inside)),
    ...all('touch', plan.files.map(inside)),
    ...plan.links.map(({ path, target }) => `ln -s ${quoted(target)} ${quoted(inside(path))}`),
    ...bindLines(
      plan.binds.map(({ source, path }) => ({ source, target: inside(path) })),
      inside('.mounts'),
    ),
    ...plan.mounts.flatMap(({ source, path }) => mountLines(source, inside(path))),
    // Worth having, but not everywhere to be had.
    `hostname ${quoted(hostname)} || true`,
    // The signal is for the day when the agent is killed: nobody else would end its programs.
    `exec chroot ${quoted(root)} env --chdir=${quoted(workingDirectory)} setpriv --pdeathsig KILL -- "$@"`,
  ].join('\n')
}

/**
 * The command that runs another one in a file system view of its own: the machine's directories with the mounts of the container in between,
 * whether or not the machine has such paths. Only the view is new: who may read what stays as it is. The kernel takes it away with the last
 * process in it.
 */
export const inOwnRoot = (view: RootView, { file, args }: Command): Command => ({
  file: 'unshare',
  args: ['--mount', '--uts', '--propagation', 'private', '--', 'sh', '-c', scriptOf(view), 'container', file, ...args],
})

/** Whether this system lets us make such views: Linux, with its usual programs, and root or a user namespace of our own. */
export const canHaveOwnRoot = async (): Promise<boolean> => {
  const root = await mkdtemp(join(tmpdir(), 'serin-root-'))
  try {
    const { file, args } = inOwnRoot({ root, mounts: new Map(), hostname: 'probe', workingDirectory: '/' }, { file: 'true', args: [] })
    await promisify(execFile)(file, [...args])
    return true
  } catch {
    return false // a program that is missing, or no right to
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
