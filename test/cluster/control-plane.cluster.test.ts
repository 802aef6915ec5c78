import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ClusterUnderTest, type ControlPlaneProcess, clusterUnderTest } from './cluster-under-test.ts'
import { runCommand } from './run-command.ts'

const cluster = clusterUnderTest()
const { kubeconfig, limitedKubeconfig = '', auditLog = '', control = '', binaries } = cluster
const patient = { timeout: 60_000, interval: 200 }

const kubectl = (args: readonly string[], config = kubeconfig) =>
  runCommand([binaries['kubectl'] ?? 'kubectl', `--kubeconfig=${config}`, '--request-timeout=30s', ...args])

const command = async (process: ControlPlaneProcess, verb: string): Promise<number> =>
  (await fetch(`${control}/${process}/${verb}`, { method: 'POST' })).status

interface AuditEvent {
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly responseStatus?: { readonly code: number }
}

const auditEvents = async (): Promise<readonly AuditEvent[]> =>
  (await readFile(auditLog, 'utf8'))
    .split('\n')
    .slice(0, -1) // the last one may be half written
    .map(line => JSON.parse(line))

/** Whether the part of the port is there: a cluster that is not ours has no audit log and cannot be taken apart. */
const has = (name: keyof ClusterUnderTest): boolean => cluster[name] !== undefined

describe('the cluster under test', () => {
  it('has an API server that is ready', async () => {
    await vi.waitFor(async () => expect(await kubectl(['get', '--raw', '/readyz'])).toBe('ok'), patient)
  })

  it.runIf(has('limitedKubeconfig'))('lets the limited user do nothing', async () => {
    await expect(kubectl(['get', 'namespaces'], limitedKubeconfig)).rejects.toThrow(
      'User "serin-limited" cannot list resource "namespaces"',
    )
  })

  it.runIf(has('auditLog'))('writes down who asked for what', async () => {
    const name = `audited-${randomUUID()}`
    await kubectl(['get', 'configmap', name, '--ignore-not-found'])
    await vi.waitFor(async () => {
      const events = await auditEvents()
      const seen = events.find(event => event.requestURI.includes(name))
      expect(seen).toMatchObject({ user: { username: 'admin' }, responseStatus: { code: 404 } })
    }, patient)
  })
})

describe.runIf(has('control'))('its control plane', () => {
  afterEach(async () => {
    await command('kube-apiserver', 'thaw')
    await command('etcd', 'start')
    await command('kube-apiserver', 'start')
  })

  it('answers nothing while its API server is frozen', async () => {
    await command('kube-apiserver', 'freeze')
    await expect(kubectl(['get', '--raw', '/readyz', '--request-timeout=5s'])).rejects.toThrow(/timeout|deadline exceeded/i)
  })

  it('answers again once its API server has thawed', async () => {
    await command('kube-apiserver', 'freeze')
    await command('kube-apiserver', 'thaw')
    await vi.waitFor(async () => expect(await kubectl(['get', '--raw', '/readyz'])).toBe('ok'), patient)
  })

  it('refuses connections while its API server is stopped', async () => {
    await command('kube-apiserver', 'stop')
    await expect(kubectl(['get', '--raw', '/readyz'])).rejects.toThrow('refused')
  })

  it('keeps its objects when its API server starts anew', async () => {
    const name = `kept-${randomUUID()}`
    await kubectl(['create', 'configmap', name])
    await command('kube-apiserver', 'stop')
    await command('kube-apiserver', 'start')
    await vi.waitFor(async () => expect(await kubectl(['get', 'configmap', name, '--output=name'])).toContain(name), patient)
  })

  it('keeps its objects when etcd starts anew', async () => {
    const name = `kept-${randomUUID()}`
    await kubectl(['create', 'configmap', name])
    await command('etcd', 'stop')
    await command('etcd', 'start')
    await vi.waitFor(async () => expect(await kubectl(['get', 'configmap', name, '--output=name'])).toContain(name), patient)
  })

  it('knows no other process', async () => {
    expect(await command('kubelet' as ControlPlaneProcess, 'stop')).toBe(404)
  })
})
