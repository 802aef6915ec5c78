import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configMapKind, controllerRevisionKind, deploymentKind } from '../../src/api/kinds.ts'
import { answer, sick, successRate, unreachable } from '../support/builders.ts'
import { forgetFields, forgetStates } from '../support/outdated-definition.ts'
import { createStage, httpRouteKind, type Stage, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const initialized = async (options: Parameters<typeof createStage>[0] = {}): Promise<void> => {
  stage = await createStage(options)
  await stage.until(() => stage.phase === 'Initialized' && stage.status.state === undefined)
}

describe('a release', () => {
  beforeEach(() => initialized())

  it('is initialized: the primary serves, the target is parked', () => {
    expect(stage.replicas('podinfo-primary')).toBe(2)
    expect(stage.replicas('podinfo')).toBe(0)
    expect(stage.selector('podinfo')).toEqual({ app: 'podinfo-primary' })
    expect(stage.weights).toEqual([100, 0])
  })

  it('is promoted step by step', async () => {
    await stage.release('v2')
    const seen: string[] = []
    await stage.until(() => {
      const text = `${stage.phase} ${stage.weights.join('/')}`
      if (seen.at(-1) !== text) seen.push(text)
      return stage.phase === 'Succeeded'
    })
    expect(seen).toEqual(['Progressing 80/20', 'Progressing 60/40', 'Finalising 100/0', 'Succeeded 100/0'])
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
    expect(stage.replicas('podinfo')).toBe(0)
  })

  it('is rolled back when the checks fail, and the primary stays as it was', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.phase === 'Failed' && stage.status.state === undefined)
    expect(stage.weights).toEqual([100, 0])
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
    expect(stage.replicas('podinfo')).toBe(0)
    expect(stage.condition('Ready')?.message).toContain('success rate 50.00% < 99%')
  })

  it('takes as long between two weights as the interval says', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.pass(9)
    expect(stage.weights).toEqual([80, 20])
    await stage.pass(2)
    expect(stage.weights).toEqual([60, 40])
  })

  it('keeps what it promotes in pins that a later edit of the target cannot change', async () => {
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Finalising.draining')
    await stage.release('v3')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
    expect(stage.api.storedAll(controllerRevisionKind)).toHaveLength(2)
  })

  it('is pinned before any status names it', async () => {
    stage.api.forgetRequests()
    await stage.release('v2')
    const names = (text: unknown) => JSON.stringify(text).includes(stage.status.analysed?.name ?? 'none')
    const pinned = stage.api.requests.findIndex(({ verb, kind, body }) => verb === 'create' && kind === 'ControllerRevision' && names(body))
    const named = stage.api.requests.findIndex(({ verb, body }) => verb === 'updateStatus' && names(body))
    expect([pinned >= 0, pinned < named]).toEqual([true, true])
  })

  it('rebuilds a lost primary from the pin, not from the target', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.calm()
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('repairs a route that somebody edited, without resetting the ramp', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    const route = stage.object(httpRouteKind, 'podinfo')
    stage.api.put({ ...route, spec: { ...(route['spec'] as object), hostnames: ['evil.example'] } })
    await stage.calm()
    expect((stage.object(httpRouteKind, 'podinfo')['spec'] as { hostnames: string[] }).hostnames).toEqual(['podinfo.example'])
    expect(stage.weights).toEqual([80, 20])
  })

  it('takes traffic from a canary that lost its pods, and gives it back with them', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.broken.add('podinfo')
    await stage.calm()
    expect(stage.weights).toEqual([100, 0])
    expect(stage.status.canaryWeight).toBe(20)
    stage.state.broken.clear()
    await stage.calm()
    expect(stage.weights).toEqual([80, 20])
  })

  it('sends everything to the canary while the primary has no pods, and goes on where it was', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.broken.add('podinfo-primary')
    await stage.calm()
    expect([stage.weights, stage.status.canaryWeight]).toEqual([[0, 100], 20])
    stage.state.broken.clear()
    await stage.calm()
    expect([stage.weights, stage.phase]).toEqual([[80, 20], 'Progressing'])
    await stage.until(() => stage.phase === 'Succeeded')
  })

  it('sends nobody to a canary that has not begun, though the primary has no pods', async () => {
    stage.state.broken.add('podinfo-primary')
    await stage.release('v2')
    await stage.pass(30)
    expect(stage.weights).toEqual([100, 0])
  })

  it('rolls back a canary that never becomes ready, and says so in chat', async () => {
    stage.state.broken.add('podinfo')
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure?.reason).toBe('ProgressDeadlineExceeded')
    expect(stage.sent.map(entry => entry.message)).toContainEqual(expect.stringContaining('Progress deadline exceeded'))
  })

  it('starts over when a newer revision appears in mid-run', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.api.forgetRequests()
    await stage.release('v3')
    const [first] = stage.api.requests.filter(one => one.verb === 'updateStatus')
    expect(first?.body).toMatchObject({ status: { state: 'Progressing.scaling', canaryWeight: 0 } })
    await stage.until(() => stage.phase === 'Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })

  it('sends everything to the canary when the promotion fails', async () => {
    await stage.release('v2')
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.weights).toEqual([0, 100])
    expect(stage.replicas('podinfo')).toBe(2)
  })

  it('freezes while suspended', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.edit({ suspend: true })
    await stage.pass(60)
    expect(stage.weights).toEqual([80, 20])
    await stage.edit({ suspend: false })
    await stage.until(() => stage.phase === 'Succeeded')
  })

  it('writes the status before it writes the route', async () => {
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Progressing.starting' || stage.weights[1] === 20)
    const writes = stage.api.requests.filter(one => one.verb === 'updateStatus' || (one.verb === 'apply' && one.kind === 'HTTPRoute'))
    const last = writes.findLastIndex(one => one.kind === 'HTTPRoute')
    expect(writes[last - 1]?.body).toMatchObject({ status: { canaryWeight: 20 } })
  })
})

describe('the budget', () => {
  beforeEach(() => initialized())

  it('of an idle canary is no request in ten passes', async () => {
    await stage.pass(20)
    stage.api.forgetRequests()
    await stage.pass(100)
    expect(stage.api.requests.filter(one => one.verb !== 'watch')).toEqual([])
  })

  it('of a progressing pass is no read, one status write, and one route write when the weight moves', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.pass(5)
    stage.api.forgetRequests()
    await stage.pass(6)
    expect(stage.weights).toEqual([60, 40])
    expect(stage.api.count('get') + stage.api.count('list')).toBe(0)
    expect(stage.api.count('updateStatus')).toBe(1)
    expect(stage.api.count('apply', 'HTTPRoute')).toBe(1)
  })

  it('of a held pass is one status write', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.measurements = [unreachable]
    await stage.pass(11)
    stage.api.forgetRequests()
    await stage.pass(10)
    const requests = stage.api.requests.filter(one => one.kind !== 'Event' && one.verb !== 'watch')
    expect(requests.map(one => one.verb)).toEqual(['updateStatus'])
  })
})

describe('gates', () => {
  const gated = (type: string) => team({ analysis: { webhooks: [{ name: 'gate', type, url: 'http://gate.test/' }] } })

  it.each([
    ['confirm-rollout', 'Waiting'],
    ['confirm-promotion', 'WaitingPromotion'],
  ] as const)('%s closed means %s, and opens the way when it opens', async (type, phase) => {
    await initialized({ objects: gated(type) })
    stage.state.hooks = { gate: answer(type, false, 'gate') }
    await stage.release('v2')
    await stage.until(() => stage.phase === phase)
    await stage.pass(300)
    expect(stage.phase).toBe(phase)
    expect(stage.sent.filter(entry => entry.message.includes('waiting for approval'))).toHaveLength(1)
    stage.state.hooks = {}
    await stage.until(() => stage.phase === 'Succeeded')
  })

  it('confirm-traffic-increase holds the weight', async () => {
    await initialized({ objects: gated('confirm-traffic-increase') })
    stage.state.hooks = { gate: answer('confirm-traffic-increase', false, 'gate') }
    await stage.release('v2')
    await stage.pass(100)
    expect([stage.phase, ...stage.weights]).toEqual(['Progressing', 100, 0])
  })

  it('tells confirm-rollout the phase it is in', async () => {
    await initialized({ objects: gated('confirm-rollout') })
    await stage.release('v2')
    await stage.until(() => stage.calls.length > 0)
    expect(stage.calls[0]?.phase).toBe('Initialized')
  })
})

describe('what bad input gets', () => {
  const stalled = async (reason: string) => {
    await stage.until(() => stage.condition('Stalled')?.status === 'True')
    const message = stage.condition('Stalled')?.message ?? ''
    expect(stage.condition('Stalled')?.reason).toBe(reason)
    await stage.until(() => [stage.events(), stage.io.log.messages()].every(texts => texts.some(text => text.includes(message))))
    return message
  }

  it('a provider that is not built: the list of those that are', async () => {
    stage = await createStage({ objects: team({ spec: { provider: 'traefik' } }) })
    expect(await stalled('UnknownProvider')).toContain('gatewayapi:v1, istio, knative, kubernetes')
  })

  it('a spec that stays impossible for longer than the deadline: the rollout goes on once it is corrected', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => (stage.status.canaryWeight ?? 0) > 0)
    await stage.edit({ provider: 'traefik' })
    await stage.pass(90)
    expect(stage.condition('Stalled')?.reason).toBe('UnknownProvider')
    await stage.edit({ provider: 'gatewayapi:v1' })
    await stage.until(() => stage.phase === 'Succeeded')
  })

  it('a missing target: which one, until it appears', async () => {
    const [deployment, canary] = team()
    stage = await createStage({ objects: canary ? [canary] : [] })
    expect(await stalled('TargetMissing')).toContain('podinfo')
    if (deployment) stage.api.put(deployment)
    await stage.until(() => stage.phase === 'Initialized')
  })

  it('a second Canary on one target: it says who claims it and does nothing', async () => {
    await initialized()
    const first = stage.object({ ...deploymentKind, apiVersion: 'flagger.app/v1beta1', kind: 'Canary', plural: 'canaries' }, 'podinfo')
    stage.api.put({
      ...first,
      metadata: { name: 'rival', namespace: 'test', generation: 1, creationTimestamp: '2027-01-01T00:00:00Z' },
      status: {},
    })
    await stage.calm()
    const rival = stage.object({ ...deploymentKind, apiVersion: 'flagger.app/v1beta1', kind: 'Canary', plural: 'canaries' }, 'rival')
    const { conditions } = rival['status'] as { conditions: { type: string; reason: string; message: string }[] }
    expect(conditions.find(one => one.type === 'Stalled')).toMatchObject({
      reason: 'Conflict',
      message: expect.stringContaining('podinfo'),
    })
    const words = 'Canary podinfo already claims Deployment podinfo; expected one Canary per target'
    expect([stage.events(), stage.io.log.messages()].map(texts => texts.some(text => text.includes(words)))).toEqual([true, true])
  })

  it('an impossible ladder: a condition that names it, and no rollout', async () => {
    stage = await createStage({ objects: team({ analysis: { stepWeight: undefined, stepWeights: [30, 20] } }) })
    expect(await stalled('InvalidSpec')).toContain('stepWeights')
  })

  it('no answer from the store: it holds, then ends without promotion', async () => {
    await initialized()
    stage.state.measurements = [unreachable]
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure?.reason).toBe('StoreUnreachable')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
  })

  it('a store with nothing to say: NoEvidence', async () => {
    await initialized()
    stage.state.measurements = [successRate(undefined)]
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure?.reason).toBe('NoEvidence')
  })

  it('a chat that is down: the rollout goes on, the messages arrive later', async () => {
    await initialized()
    stage.state.chatIsDown = true
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Succeeded')
    stage.state.chatIsDown = false
    await stage.until(() => stage.status.outbox === undefined)
    expect(stage.sent.at(-1)?.message).toBe('Canary analysis completed successfully, promotion finished.')
  })

  it('a ConfigMap that is missing: its name', async () => {
    const [deployment, canary] = team()
    const spec = deployment?.['spec'] as { template: { spec: object } }
    const volumes = [{ name: 'conf', configMap: { name: 'podinfo-conf' } }]
    const needy = { ...deployment, spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, volumes } } } }
    stage = await createStage({ objects: [needy as NonNullable<typeof deployment>, ...(canary ? [canary] : [])] })
    expect(await stalled('ConfigMissing')).toContain('podinfo-conf')
    stage.api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'podinfo-conf', namespace: 'test' }, data: { color: 'red' } })
    await stage.until(() => stage.phase === 'Initialized')
    expect(stage.object(configMapKind, 'podinfo-conf-primary')['data']).toEqual({ color: 'red' })
  })

  it('a CRD that drops our fields: it stalls instead of guessing', async () => {
    await initialized()
    forgetStates(stage)
    await stage.release('v2')
    await stalled('CRDOutdated')
    await stage.pass(60)
    expect(stage.weights).toEqual([100, 0])
  })

  it('a CRD that drops a field which is not always there: it stalls until the field is kept', async () => {
    await initialized()
    const applyDefinition = forgetFields(stage, ['capacity'])
    await stage.release('v2')
    await stalled('CRDOutdated')
    await stage.pass(130)
    expect(stage.weights).toEqual([100, 0])
    applyDefinition()
    await stage.until(() => stage.phase === 'Succeeded')
  })
})
