import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createKubeApi } from '../../src/kube/client.ts'
import { KubeConfigInvalid, loadKubeConfig } from '../../src/kube/kube-config.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { testIo } from '../support/io.ts'
import { aDeployment, deployments } from '../support/kinds.ts'
import { inTurn, json, loopbackServer } from '../support/loopback-server.ts'
import { loopbackCert } from '../support/loopback-tls.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'serin-kube-config-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const base64 = (text: string) => Buffer.from(text).toString('base64')
const put = (path: string, text: string): string => {
  const file = join(dir, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** A kubeconfig; JSON is YAML. */
const kubeconfig = (cluster: object, user: object = { token: 'file-token' }): string =>
  put(
    'config',
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://k8s.test:6443', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'team' } }],
      'current-context': 'x',
    }),
  )

const cached = { fresh: false }

describe('a kubeconfig', () => {
  it('gives server, trust, namespace and token', async () => {
    const access = await loadKubeConfig({ kubeconfig: kubeconfig({ 'certificate-authority-data': base64(loopbackCert) }) })
    expect(access).toMatchObject({ server: 'https://k8s.test:6443', namespace: 'team', tls: { ca: Buffer.from(loopbackCert) } })
    expect(await access.authenticate(cached)).toEqual({ authorization: 'Bearer file-token' })
  })

  it('gives client certificates', async () => {
    const user = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') }
    const { tls, authenticate } = await loadKubeConfig({ kubeconfig: kubeconfig({}, user) })
    expect(tls).toMatchObject({ cert: Buffer.from('cert'), key: Buffer.from('key') })
    expect(await authenticate(cached)).toEqual({})
  })

  it('gives a user name and password', async () => {
    const { authenticate } = await loadKubeConfig({ kubeconfig: kubeconfig({}, { username: 'jo', password: 'pw' }) })
    expect(await authenticate(cached)).toEqual({ authorization: `Basic ${base64('jo:pw')}` })
  })

  it('obeys the name to check and the order not to check', async () => {
    const { tls } = await loadKubeConfig({ kubeconfig: kubeconfig({ 'tls-server-name': 'other', 'insecure-skip-tls-verify': true }) })
    expect(tls).toMatchObject({ servername: 'other', rejectUnauthorized: false })
  })

  it('may name a plain HTTP server, as local ones are', async () => {
    const { server, authenticate } = await loadKubeConfig({ kubeconfig: kubeconfig({ server: 'http://127.0.0.1:8001' }) })
    expect([server, await authenticate(cached)]).toEqual(['http://127.0.0.1:8001', { authorization: 'Bearer file-token' }])
  })

  it('is overridden by the master', async () => {
    const access = await loadKubeConfig({ kubeconfig: kubeconfig({}), master: 'https://other.test' })
    expect([access.server, await access.authenticate(cached)]).toEqual(['https://other.test', { authorization: 'Bearer file-token' }])
  })

  it('is read again after a 401', async () => {
    const file = kubeconfig({})
    const { authenticate } = await loadKubeConfig({ kubeconfig: file })
    kubeconfig({}, { token: 'rotated' })
    expect([await authenticate(cached), await authenticate({ fresh: true }), await authenticate(cached)]).toEqual([
      { authorization: 'Bearer file-token' },
      { authorization: 'Bearer rotated' },
      { authorization: 'Bearer rotated' },
    ])
  })

  it('lets us in over TLS, also when the token was rotated meanwhile', async () => {
    const server = await loopbackServer(inTurn(json(aDeployment()), json({ kind: 'Status' }, 401), json(aDeployment())), { tls: true })
    const cluster = { server: server.url, 'certificate-authority-data': base64(loopbackCert) }
    const access = await loadKubeConfig({ kubeconfig: kubeconfig(cluster) })
    const clock = systemClock()
    const transport = createTransport({ ...access, clock })
    onTestFinished(() => transport.close())
    const api = createKubeApi({ transport })
    const key = { namespace: 'test', name: 'podinfo' }
    await api.get(deployments, key, testIo({ clock }))
    kubeconfig(cluster, { token: 'rotated' })
    expect(await api.get(deployments, key, testIo({ clock }))).toBeDefined()
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer file-token',
      'Bearer file-token',
      'Bearer rotated',
    ])
  })
})

describe('inside a cluster', () => {
  const mounted = '/var/run/secrets/kubernetes.io/serviceaccount'
  const mount = () => {
    put(`${mounted}/token`, 'pod-token\n')
    put(`${mounted}/ca.crt`, loopbackCert)
    put(`${mounted}/namespace`, 'serin-system')
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1')
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443')
    onTestFinished(() => void vi.unstubAllEnvs())
  }

  it('the service account gives all', async () => {
    mount()
    const access = await loadKubeConfig({ root: dir })
    expect(access).toMatchObject({ server: 'https://10.0.0.1:443', namespace: 'serin-system', tls: { ca: Buffer.from(loopbackCert) } })
    expect(await access.authenticate(cached)).toEqual({ authorization: 'Bearer pod-token' })
  })

  it('a rotated token is read after a 401', async () => {
    mount()
    const { authenticate } = await loadKubeConfig({ root: dir })
    await authenticate(cached)
    put(`${mounted}/token`, 'rotated')
    expect(await authenticate({ fresh: true })).toEqual({ authorization: 'Bearer rotated' })
  })
})

describe('a master alone', () => {
  it('is a server that asks for no credentials', async () => {
    const access = await loadKubeConfig({ master: 'http://127.0.0.1:8080' })
    expect([access.server, await access.authenticate(cached)]).toEqual(['http://127.0.0.1:8080', {}])
  })
})

describe('what cannot be used', () => {
  it('is a file that does not exist', async () => {
    await expect(loadKubeConfig({ kubeconfig: join(dir, 'none') })).rejects.toThrow(`cannot read ${join(dir, 'none')}: ENOENT`)
  })

  it('is a file that is no kubeconfig, and its text is not shown', async () => {
    const file = put('config', 'token: [hunter2')
    const error = await loadKubeConfig({ kubeconfig: file }).catch(thrown => thrown)
    expect(error).toBeInstanceOf(KubeConfigInvalid)
    expect(`${error.message} ${String(error.cause)}`).not.toContain('hunter2')
  })

  it('is a kubeconfig without a current context', async () => {
    const file = put('config', JSON.stringify({ clusters: [], users: [], contexts: [] }))
    await expect(loadKubeConfig({ kubeconfig: file })).rejects.toThrow('expected a current context with a cluster')
  })

  it('is a cluster behind a proxy', async () => {
    await expect(loadKubeConfig({ kubeconfig: kubeconfig({ 'proxy-url': 'http://proxy' }) })).rejects.toThrow('proxy-url is not supported')
  })

  it('is a server that is no URL', async () => {
    await expect(loadKubeConfig({ kubeconfig: kubeconfig({}), master: 'nonsense' })).rejects.toThrow('expected the URL of the API server')
  })

  it('is nothing at all', async () => {
    vi.stubEnv('KUBECONFIG', '')
    vi.stubEnv('HOME', dir)
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(loadKubeConfig({ root: dir })).rejects.toThrow('found no Kubernetes configuration')
  })
})
