import { describe, expect, it } from 'vitest'
import { commandLine, parts } from '../cluster/control-plane/command-lines.ts'
import { filesIn } from '../cluster/control-plane/credentials.ts'
import { enterNamespaces, ownNamespaces } from '../cluster/namespace.ts'
import { ownerOf } from '../cluster/session-folder.ts'
import { withoutProxies } from '../cluster/without-proxies.ts'

const files = filesIn('/session')
const flagsOf = (name: string): readonly string[] =>
  parts.filter(part => part.name === name).flatMap(part => commandLine('binary', part, files))

describe('the command lines of the control plane', () => {
  it('start etcd before the API server', () => {
    expect(parts.map(({ name }) => name).slice(0, 2)).toEqual(['etcd', 'kube-apiserver'])
  })

  it('keep RBAC on', () => {
    expect(flagsOf('kube-apiserver')).toContain('--authorization-mode=RBAC')
  })

  it('write down every request', () => {
    expect(flagsOf('kube-apiserver')).toContain('--audit-log-path=/session/audit.log')
  })

  it('advertise no loopback address, which the API server refuses', () => {
    expect(flagsOf('kube-apiserver').find(flag => flag.startsWith('--advertise-address'))).not.toContain('127.')
  })

  it.each(['kube-controller-manager', 'kube-scheduler'])('let %s lead at once', name => {
    expect(flagsOf(name)).toContain('--leader-elect=false')
  })
})

describe('the namespaces', () => {
  it('need no other user where we are root', () => {
    expect(ownNamespaces(0)).not.toContain('--user')
  })

  it('make us root where we are not', () => {
    expect(ownNamespaces(1000)).toContain('--map-root-user')
  })

  it('are entered by the number of a process in them', () => {
    expect(enterNamespaces(0, 42).slice(0, 3)).toEqual(['nsenter', '--target', '42'])
  })
})

describe('a session', () => {
  it.each([
    ['serin-cluster-42-aBcDeF', 42],
    ['serin-cluster-aBcDeF', undefined],
    ['serin-sandbox-42-aBcDeF', undefined],
  ])('knows the owner of %s', (name, owner) => {
    expect(ownerOf(name)).toBe(owner)
  })

  it('gives no program a proxy that it cannot reach', () => {
    expect(withoutProxies({ HTTPS_PROXY: 'http://proxy', no_proxy: 'localhost', PATH: '/bin' })).toEqual({ PATH: '/bin' })
  })
})
