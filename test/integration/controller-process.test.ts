import { hostname } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { leaseKind } from '../../src/api/kinds.ts'
import { type Bench, io, openBench, runToEnd } from './controller-process.ts'

/** Programs start slowly where many do at once. */
const slow = 90_000
const isReady = { timeout: 60_000, interval: 100 }

const lease = { namespace: 'default', name: 'serin-leader-election' }
const election = ['-enable-leader-election=true', '-leader-election-namespace=default']

interface LeaseSpec {
  readonly holderIdentity?: string
  readonly leaseDurationSeconds?: number
}

const specOf = async ({ connection }: Bench) => (await connection.api.get(leaseKind, lease, io))?.['spec'] as LeaseSpec | undefined

let bench: Bench

describe('serin controller', () => {
  let said = ''
  let readiness: unknown
  let health: unknown
  let metrics = ''
  let held: LeaseSpec | undefined
  let exitCode: unknown
  let released: LeaseSpec | undefined

  beforeAll(async () => {
    bench = await openBench()
    said = await bench.start('"leading"', election, { SLACK_URL: 'https://hooks.slack.test/SECRET' })
    await vi.waitFor(async () => expect(await bench.get('/readyz')).toEqual([200, 'OK']), isReady)
    readiness = await bench.get('/readyz')
    health = await bench.get('/healthz')
    metrics = (await bench.get('/metrics'))[1]
    held = await specOf(bench)
    exitCode = await bench.terminate()
    released = await specOf(bench)
  }, slow)
  afterAll(() => bench.close())

  it('serves health and readiness', () =>
    expect([health, readiness]).toEqual([
      [200, 'OK'],
      [200, 'OK'],
    ]))

  it('exposes its version and default provider', () =>
    expect(metrics).toMatch(/^flagger_info\{version="[^"]+",mesh_provider="istio"\} 1$/m))

  it('goes on when a chat system is configured by half, and says so', () => expect(said).toContain('slack needs a channel and a username'))

  it('shows no address of a chat system', () => expect(said).not.toContain('SECRET'))

  it('holds a Lease of fifteen seconds under its host name and a random one', () => {
    expect(held?.leaseDurationSeconds).toBe(15)
    expect(held?.holderIdentity).toMatch(new RegExp(`^${hostname()}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`))
  })

  it('ends with 0 when asked', () => expect(exitCode).toBe(0))

  it('gives the Lease back when it ends', () => expect(released?.holderIdentity).toBe(''))
})

describe('serin controller beside another one', () => {
  let health: unknown
  let metrics = ''

  const give = (spec: LeaseSpec) => bench.connection.api.patch(leaseKind, lease, { type: 'merge', body: { spec } }, io)

  beforeAll(async () => {
    bench = await openBench()
    const spec = { holderIdentity: 'another', leaseDurationSeconds: 3600, leaseTransitions: 1 }
    await bench.connection.api.create(leaseKind, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: lease, spec }, io)
    await bench.start('serving health and metrics', [...election, '-retry-period=200ms'])
    await vi.waitFor(async () => expect(await bench.get('/readyz')).toEqual([200, 'OK']), isReady)
    health = await bench.get('/healthz')
    metrics = (await bench.get('/metrics'))[1]
  }, slow)
  afterAll(() => bench.close())

  it('is healthy although it does not lead', () => {
    expect(health).toEqual([200, 'OK'])
    expect(metrics).toContain('serin_leader 0')
  })

  it(
    'leads when the other one does not renew any more, and again after it lost the Lease',
    async () => {
      const leading = bench.hear('"leading"')
      await give({ leaseDurationSeconds: 1 })
      await leading
      const lost = bench.hear('lost the lease, standing by')
      await give({ holderIdentity: 'another', leaseDurationSeconds: 1 })
      await lost
      await bench.hear('"leading"')
      expect(await bench.terminate()).toBe(0)
    },
    slow,
  )
})

describe('serin controller on a cluster that Flagger manages', () => {
  const theirs = { namespace: 'default', name: 'flagger-leader-election' }
  const active = async () => (await bench.get('/metrics'))[1].match(/serin_other_controller_active \d/)?.[0]

  it(
    'stands by while its Lease is live, and goes on when it is given back',
    async () => {
      bench = await openBench()
      const spec = { holderIdentity: 'flagger-7d_1', leaseDurationSeconds: 3600, renewTime: new Date().toISOString().replace('Z', '000Z') }
      const { api } = bench.connection
      await api.create(leaseKind, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: theirs, spec }, io)
      await bench.start('another controller is at work', [])
      expect(await active()).toBe('serin_other_controller_active 1')
      const gone = bench.hear('the other controller is gone')
      await api.patch(leaseKind, theirs, { type: 'merge', body: { spec: { holderIdentity: '' } } }, io)
      await gone
      expect(await active()).toBe('serin_other_controller_active 0')
      await bench.close()
    },
    slow,
  )
})

describe('serin controller on a cluster that lacks a CRD', () => {
  let said = ''

  beforeAll(async () => {
    bench = await openBench(['canaries', 'alertproviders'])
    said = await bench.start('CRD is not registered', [])
  }, slow)
  afterAll(() => bench.close())

  it('names it in its log', () => expect(said).toMatch(/"level":"error".*"kind":"MetricTemplate".*"msg":"CRD is not registered"/))

  it('is not ready, and says why', async () =>
    expect(await bench.get('/readyz')).toEqual([503, expect.stringContaining('CRD is not registered: MetricTemplate')]))

  it('is alive, because a restart would change nothing', async () => expect((await bench.get('/healthz'))[0]).toBe(200))
})

describe('serin controller, before it looks for a cluster,', () => {
  it(
    'prints its version',
    async () =>
      expect(await runToEnd(['-version'])).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^Serin version \d+\.\d+\.\d+\S*\n$/),
        stderr: '',
      }),
    slow,
  )

  it(
    'refuses an unknown flag on standard error, with exit code 2',
    async () =>
      expect(await runToEnd(['-unknown'])).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('unknown flag -unknown') }),
    slow,
  )
})
