import { describe, expect, it } from 'vitest'
import { configMaps, deployments, pods, secrets } from '../../../src/sandbox/objects/kinds.ts'
import { clusterUnderTest } from '../cluster-under-test.ts'
import { demoContainer, eventually, hasOurNode, openLab } from './node-lab.ts'

const { binaries } = clusterUnderTest()
const hasEnvoy = binaries['envoy'] !== undefined && binaries['contour'] !== undefined

const runsNode = (script: string) => [process.execPath, '--eval', script]

describe.runIf(hasOurNode)('a pod', () => {
  it.each([
    { kind: configMaps, fields: { data: { color: 'blue' } }, volume: { configMap: { name: 'settings' } } },
    { kind: secrets, fields: { stringData: { color: 'blue' } }, volume: { secret: { secretName: 'settings' } } },
  ])('finds the keys of a $kind.kind at the mount path', async ({ kind, fields, volume }) => {
    const lab = await openLab()
    await lab.create(kind, 'settings', fields)
    const phase = await lab.runOnce('reader', {
      volumes: [{ name: 'settings', ...volume }],
      containers: [
        {
          name: 'reader',
          image: 'serin-demo',
          command: ['sh', '-c', 'test "$(cat /etc/shop/settings/color)" = blue'],
          volumeMounts: [{ name: 'settings', mountPath: '/etc/shop/settings' }],
        },
      ],
    })
    expect(phase).toBe('Succeeded')
  })

  it('sees in time that its ConfigMap has changed', async () => {
    const lab = await openLab()
    await lab.create(configMaps, 'settings', { data: { color: 'blue' } })
    const mount = { name: 'settings', mountPath: '/etc/shop/settings' }
    const waiting = lab.runOnce('reader', {
      volumes: [{ name: 'settings', configMap: { name: 'settings' } }],
      containers: [
        {
          name: 'reader',
          image: 'serin-demo',
          command: ['sh', '-c', 'until grep -q green /etc/shop/settings/color; do sleep 0.2; done'],
          volumeMounts: [mount],
        },
      ],
    })
    await eventually('the reader', async () => (await lab.pod('reader'))?.status.phase === 'Running')
    await lab.merge(configMaps, 'settings', { data: { color: 'green' } })
    expect(await waiting).toBe('Succeeded')
  })

  it('runs its init containers first, and keeps what they wrote', async () => {
    const lab = await openLab()
    const volumeMounts = [{ name: 'scratch', mountPath: '/scratch' }]
    const phase = await lab.runOnce('heir', {
      volumes: [{ name: 'scratch', emptyDir: {} }],
      initContainers: [{ name: 'first', image: 'serin-demo', command: ['sh', '-c', 'echo done > /scratch/first'], volumeMounts }],
      containers: [{ name: 'second', image: 'serin-demo', command: ['grep', 'done', '/scratch/first'], volumeMounts }],
    })
    expect(phase).toBe('Succeeded')
  })

  it.runIf(hasEnvoy)('gives Envoy what Contour wrote for it', async () => {
    const lab = await openLab()
    const volumeMounts = [{ name: 'config', mountPath: '/config' }]
    const args = ['bootstrap', '/config/envoy.json', '--xds-address=contour', '--xds-port=8001', '--xds-resource-version=v3']
    const phase = await lab.runOnce('envoy', {
      volumes: [{ name: 'config', emptyDir: {} }],
      initContainers: [{ name: 'config', image: 'ghcr.io/projectcontour/contour:v1.33.8', command: ['contour'], args, volumeMounts }],
      containers: [
        {
          name: 'envoy',
          image: 'docker.io/envoyproxy/envoy:v1.40.0',
          command: ['envoy'],
          args: ['--config-path', '/config/envoy.json', '--mode', 'validate', '--service-node', '$(POD)', '--service-cluster', 'shop'],
          env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          volumeMounts,
        },
      ],
    })
    expect(phase).toBe('Succeeded')
  })

  it('is who its ServiceAccount is, by configuration that it finds inside', async () => {
    const lab = await openLab()
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
    const script = `
      const { readFileSync } = require('node:fs')
      const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env
      const headers = { authorization: 'Bearer ' + readFileSync('${folder}/token', 'utf8') }
      fetch('https://' + host + ':' + port + '/api/v1/namespaces/' + readFileSync('${folder}/namespace', 'utf8') + '/pods', { headers })
        .then(answer => answer.text())
        .then(text => process.exit(text.includes('system:serviceaccount:${lab.namespace}:default') ? 0 : 1))`
    const env = [{ name: 'NODE_EXTRA_CA_CERTS', value: `${folder}/ca.crt` }]
    const phase = await lab.runOnce('inside', { containers: [{ name: 'inside', image: 'serin-demo', command: runsNode(script), env }] })
    expect(phase).toBe('Succeeded')
  })

  it('fails when its program does', async () => {
    const lab = await openLab()
    await lab.runOnce('loser', { containers: [{ name: 'loser', image: 'serin-demo', command: ['sh', '-c', 'exit 3'] }] })
    const { status } = (await lab.pod('loser')) ?? {}
    expect(status).toMatchObject({ phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 3 } } }] })
  })

  it('waits in vain for an image that nobody knows', async () => {
    const lab = await openLab()
    await eventually('a pod', () => lab.create(pods, 'lost', { spec: { containers: [{ name: 'lost', image: 'no/such:image' }] } }))
    const waiting = await eventually('a back-off', async () => {
      const state = (await lab.pod('lost'))?.status.containerStatuses?.[0]?.state
      return state?.waiting?.reason === 'ImagePullBackOff' ? state.waiting : undefined
    })
    expect(waiting.message).toBe('Back-off pulling image "no/such:image"')
  })
})

describe.runIf(hasOurNode)('a container that crashes', () => {
  it('is started again with longer and longer waits', async () => {
    const lab = await openLab()
    const labels = { app: 'broken' }
    const containers = [demoContainer({ env: [{ name: 'ERROR_RATE', value: 'many' }] })]
    const template = { metadata: { labels }, spec: { containers } }
    await lab.create(deployments, 'broken', { spec: { replicas: 1, selector: { matchLabels: labels }, template } })
    const crashed = await eventually('a second restart', async () => {
      const [status] = (await lab.podsOf('broken'))[0]?.status.containerStatuses ?? []
      return status && status.restartCount >= 2 && status.state?.waiting ? status : undefined
    })
    expect(crashed).toMatchObject({
      state: {
        waiting: { reason: 'CrashLoopBackOff', message: expect.stringMatching(/^back-off [124]0s restarting failed container=app/) },
      },
      lastState: { terminated: { exitCode: 2, message: expect.stringContaining('--error-rate: expected a number') } },
    })
  })

  it('is ready again when its liveness probe had it restarted', async () => {
    const lab = await openLab()
    const healthy = { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1, failureThreshold: 60 }
    const lively = { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30 }
    await lab.deploy('web', { startupProbe: healthy, livenessProbe: lively }, 1)
    const [before] = await lab.podsOf('web')
    await fetch(`http://${before?.status.podIP}:9898/readyz/disable`, { method: 'POST' })
    const after = await eventually('a restart', async () => {
      const [status] = (await lab.podsOf('web'))[0]?.status.containerStatuses ?? []
      return status && status.restartCount > 0 && status.ready ? status : undefined
    })
    expect(after).toMatchObject({ lastState: { terminated: { reason: expect.any(String) } } })
  })
})

describe.runIf(hasOurNode)('a pod that is deleted', () => {
  const drain = (ms: number) => ({ env: [{ name: 'DRAIN_MS', value: String(ms) }] })

  it('goes on answering for as long as its program wants to', async () => {
    const lab = await openLab()
    await lab.deploy('web', drain(20_000), 1)
    const [before] = await lab.podsOf('web')
    const name = before?.metadata.name ?? ''
    await lab.remove(pods, name)
    expect((await lab.pod(name))?.metadata.deletionTimestamp).toBeDefined()
    expect((await fetch(`http://${before?.status.podIP}:9898/`)).status).toBe(200)
    await eventually('the end of the pod', async () => (await lab.pod(name)) === undefined)
  })

  it('is ended by force when its grace period is over', async () => {
    const lab = await openLab()
    await lab.deploy('web', drain(600_000), 1)
    await lab.merge(deployments, 'web', { spec: { template: { spec: { terminationGracePeriodSeconds: 2 } } } })
    await lab.rolledOut('web')
    const [before] = (await lab.podsOf('web')).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    const name = before?.metadata.name ?? ''
    await lab.remove(pods, name)
    await eventually('the end of the pod', async () => (await lab.pod(name)) === undefined)
    await expect(fetch(`http://${before?.status.podIP}:9898/`)).rejects.toThrow('fetch failed')
  })
})
