import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = resolve(import.meta.dirname, '../src')
const adapters = ['routing', 'targets', 'metrics', 'webhooks', 'alerts'] as const
const leafFiles = ['errors.ts', 'clock.ts', 'duration.ts', 'io.ts', 'registry.ts', 'http-call.ts']

/** Which files of an adapter anybody outside may see: its port and its registry, never a provider. */
const portFiles: Readonly<Record<(typeof adapters)[number], readonly string[]>> = {
  routing: ['router.ts', 'registry.ts', 'services.ts'],
  targets: ['workload.ts', 'registry.ts', 'config-tracking.ts', 'pins.ts'],
  metrics: ['metric-store.ts', 'registry.ts'],
  webhooks: ['hook.ts', 'registry.ts'],
  alerts: ['alert.ts', 'registry.ts'],
}

type Reach = 'all' | 'types' | 'ports' | readonly string[]
type Rule = Readonly<Record<string, Reach>>
const ports: Rule = Object.fromEntries(adapters.map(room => [room, 'ports' as const]))

/** The import table: room → rooms it may import, and how much of them. A room may always import itself and the leaf files. */
const table: Readonly<Record<string, Rule>> = {
  api: {},
  core: { api: 'all' },
  kube: { api: 'all', core: 'types' },
  routing: { api: 'all', core: 'types' },
  targets: { api: 'all', core: 'types' },
  metrics: { api: 'all', core: 'types', kube: 'all' },
  webhooks: { api: 'all', core: 'types', kube: 'all' },
  alerts: { api: 'all', core: 'types', kube: 'all' },
  controller: { api: 'all', core: 'all', kube: 'all', ...ports },
  telemetry: { api: 'all', core: 'types', ...ports },
  config: {},
  loadtester: { api: 'all', core: 'all', config: 'all', telemetry: 'all', ...ports },
  cli: { api: 'all', core: 'all', config: 'all', telemetry: 'all', ...ports },
  sandbox: { kube: 'all', api: ['api/object.ts'] },
}

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

const filesBelow = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(dir, name))

const importPattern = /^\s*(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm

const importsOf = (file: string): Import[] =>
  [...readFileSync(file, 'utf8').matchAll(importPattern)].map(([, typeOnly, fixed, dynamic]) => ({
    file: relative(src, file),
    target: (fixed ?? dynamic ?? '').startsWith('.')
      ? relative(src, resolve(dirname(file), fixed ?? dynamic ?? ''))
      : `pkg:${fixed ?? dynamic ?? ''}`,
    typeOnly: typeOnly !== undefined,
  }))

const roomOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : '')

const allowed = ({ file, target, typeOnly }: Import): boolean => {
  const from = roomOf(file)
  const to = roomOf(target)
  if (from === '' || target === '../package.json' || target.startsWith('pkg:') || from === to || leafFiles.includes(target)) return true
  const reach = table[from]?.[to]
  if (reach === undefined) return false
  if (reach === 'all') return true
  if (reach === 'types') return typeOnly
  if (reach === 'ports') return typeOnly || (portFiles[to as keyof typeof portFiles] ?? []).includes(target.slice(to.length + 1))
  return reach.includes(target)
}

const imports = filesBelow(src).flatMap(importsOf)

describe('the rooms', () => {
  it('import only what the table allows', () => {
    expect(imports.filter(one => !allowed(one)).map(one => `${one.file} -> ${one.target}`)).toEqual([])
  })

  it('are all in the table', () => {
    const rooms = new Set(filesBelow(src).map(file => roomOf(relative(src, file))))
    rooms.delete('')
    expect([...rooms].filter(room => !(room in table))).toEqual([])
  })

  it('have no file called utils, helpers, common, types or index', () => {
    const vague = /(^|\/)(utils?|helpers?|common|types|index)\.ts$/
    expect(
      filesBelow(src)
        .map(file => relative(src, file))
        .filter(file => vague.test(file)),
    ).toEqual([])
  })

  it('keep core pure: no node module, no clock, no fetch, no await', () => {
    const impure = /from 'node:|Date\.now|new Date\(\)|\bfetch\(|\bawait\s+[A-Za-z(]|Math\.random/
    expect(
      filesBelow(join(src, 'core'))
        .filter(file => impure.test(readFileSync(file, 'utf8')))
        .map(file => relative(src, file)),
    ).toEqual([])
  })

  it('read the environment in config only', () => {
    const readers = filesBelow(src).filter(file => readFileSync(file, 'utf8').includes('process.env'))
    expect(readers.map(file => roomOf(relative(src, file))).filter(room => room !== 'config')).toEqual([])
  })
})
