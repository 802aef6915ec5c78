import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildArguments, cacheName, type GoTool, goTools, type Recipe, requiredVersion } from '../cluster/tools/go-tools.ts'

const oneProgram: GoTool = { folder: 'etcd', programs: { etcd: 'example.org/etcd/server/v3' }, required: true }
const twoPrograms: GoTool = {
  folder: 'kubernetes',
  programs: { a: 'example.org/a', b: 'example.org/b' },
  stampedWith: 'example.org',
  required: true,
}
const recipe = (parts: Partial<Recipe> = {}): Recipe => ({
  tool: oneProgram,
  goMod: 'module m\n\nrequire example.org v1.36.3\n',
  goSum: 'sum',
  machine: 'linux-x64',
  ...parts,
})

describe('a build', () => {
  it('names a single program as we call it', () => {
    expect(buildArguments(recipe(), '/out')).toEqual([
      'build',
      '-buildvcs=false',
      '-ldflags',
      '-s -w',
      '-o',
      '/out/etcd',
      'example.org/etcd/server/v3',
    ])
  })

  it('puts several programs into the folder', () => {
    expect(buildArguments(recipe({ tool: twoPrograms }), '/out').slice(-4)).toEqual(['-o', '/out/', 'example.org/a', 'example.org/b'])
  })

  it('stamps the version that the module requires', () => {
    const [, , , flags] = buildArguments(recipe({ tool: twoPrograms }), '/out')
    expect(flags).toContain('-X k8s.io/component-base/version.gitVersion=v1.36.3')
    expect(flags).toContain('-X k8s.io/component-base/version.gitMinor=36')
  })
})

describe('the name of a folder in the cache', () => {
  it('stays the same for the same programs', () => {
    expect(cacheName(recipe())).toBe(cacheName(recipe()))
  })

  it.each<[string, Partial<Recipe>]>([
    ['a requirement', { goMod: 'module m\n\nrequire example.org v1.36.4\n' }],
    ['a checksum', { goSum: 'other' }],
    ['the machine', { machine: 'linux-arm64' }],
    ['the programs', { tool: { ...oneProgram, programs: { etcd: 'example.org/other' } } }],
  ])('changes with %s', (_, difference) => {
    expect(cacheName(recipe(difference))).not.toBe(cacheName(recipe()))
  })
})

describe('the version that a module requires', () => {
  it.each([
    ['alone', 'require example.org/x v1.2.3'],
    ['in a block', 'require (\n\texample.org/w v1.0.0\n\texample.org/x v1.2.3 // indirect\n)'],
    ['beside a replacement', 'replace example.org/x => example.org/y v9.9.9\nrequire example.org/x v1.2.3'],
  ])('is found %s', (_, goMod) => {
    expect(requiredVersion(goMod, 'example.org/x')).toBe('v1.2.3')
  })

  it('is missed aloud', () => {
    expect(() => requiredVersion('module m', 'example.org/x')).toThrow('expected go.mod to require example.org/x')
  })
})

describe.each(goTools)('the module of $folder', ({ folder, programs }) => {
  const read = (file: string) => readFileSync(join(import.meta.dirname, '../cluster/tools', folder, file), 'utf8')

  it('keeps every program it is built for', () => {
    for (const path of Object.values(programs)) expect(read('go.mod')).toContain(path)
  })

  it('has checksums', () => {
    expect(read('go.sum')).toMatch(/ h1:/)
  })
})
