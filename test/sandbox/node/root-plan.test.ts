import { describe, expect, it } from 'vitest'
import { type Entry, type Place, planRoot } from '../../../src/sandbox/node/root-plan.ts'

const directory = (name: string): Entry => ({ name, kind: 'directory' })
const file = (name: string): Entry => ({ name, kind: 'file' })
const link = (name: string, target: string): Entry => ({ name, kind: 'link', target })

const tree: Readonly<Record<string, readonly Entry[]>> = {
  '/': [directory('etc'), directory('run'), directory('var'), directory('usr'), link('bin', 'usr/bin'), file('swap')],
  '/etc': [file('resolv.conf'), directory('ssl')],
  '/etc/ssl': [],
  '/run': [directory('lock'), file('init.pid')],
  '/run/lock': [],
  '/var': [link('run', '/run'), directory('lib')],
  '/var/lib': [],
  '/usr': [directory('bin')],
  '/usr/bin': [],
}

const kindOf = (path: string): 'directory' | 'file' | undefined => {
  if (tree[path]) return 'directory'
  const at = path.lastIndexOf('/')
  return tree[path.slice(0, at) || '/']?.some(({ name }) => name === path.slice(at + 1)) ? 'file' : undefined
}
const place: Place = { kindOf, list: path => tree[path] ?? [] }
const plan = (mounts: Readonly<Record<string, string>>) => planRoot(new Map(Object.entries(mounts)), place)
const boundTo = (mounts: Readonly<Record<string, string>>) => plan(mounts).binds.map(({ path }) => path)

describe('a root of its own', () => {
  it('shows what the machine has at its top', () => expect(boundTo({})).toEqual(['/etc', '/run', '/var', '/usr', '/swap']))

  it('keeps links as they are', () => expect(plan({}).links).toEqual([{ path: '/bin', target: 'usr/bin' }]))

  it('mounts over what exists without making anything anew', () => {
    const { binds, mounts } = plan({ '/etc/resolv.conf': '/pod/resolv.conf' })
    expect(binds.map(({ path }) => path)).toContain('/etc')
    expect(mounts).toEqual([{ path: '/etc/resolv.conf', source: '/pod/resolv.conf' }])
  })

  it('makes the nearest directory anew when the machine lacks a mount path', () =>
    expect(boundTo({ '/etc/app/config': '/pod/config' })).toEqual(['/etc/resolv.conf', '/etc/ssl', '/run', '/var', '/usr', '/swap']))

  it('needs nothing anew for a path at the top', () => expect(boundTo({ '/config': '/pod/config' })).toEqual(boundTo({})))

  it('follows the links of the machine on the way to a mount path', () => {
    const { binds, mounts } = plan({ '/var/run/secrets/token': '/pod/token' })
    expect(mounts).toEqual([{ path: '/run/secrets/token', source: '/pod/token' }])
    expect(binds.map(({ path }) => path)).toEqual(['/etc', '/run/lock', '/run/init.pid', '/var', '/usr', '/swap'])
  })

  it('mounts the outer of two nested paths first', () =>
    expect(plan({ '/data/inner': '/pod/b', '/data': '/pod/a' }).mounts.map(({ path }) => path)).toEqual(['/data', '/data/inner']))
})
