import { belongings } from './belongings.ts'
import { takePrometheusAway } from './disturbances.ts'
import { gateHooks, moveGate } from './gates.ts'
import { type Scenario, scenario } from './scenario.ts'
import { good, type OpenOptions, openShop, type Shop } from './shop.ts'
import type { Stage } from './stage.ts'

/** What came of a rollout, for users and for the team. */
const outcomeOf = async ({ io }: Stage, shop: Shop) => {
  const end = await shop.end()
  const endedMs = io.clock.nowMs()
  await shop.users.enough(endedMs)
  const news = await shop.news()
  await shop.close()
  return { end, endedMs, news, users: shop.users, steps: shop.log.steps.slice(shop.log.steps.indexOf('Initialized 0% 0') + 1) }
}
export type Outcome = Awaited<ReturnType<typeof outcomeOf>>

export type Act = (shop: Shop, stage: Stage) => Promise<void>

const played = (options: OpenOptions, act: Act): Scenario<Outcome> => scenario(stage => playAct(stage, options, act))

/** Opens a shop, lets this happen in it, and waits for the end. */
export const playAct = async (stage: Stage, options: OpenOptions, act: Act): Promise<Outcome> => {
  const shop = await openShop(stage, options)
  await act(shop, stage)
  return outcomeOf(stage, shop)
}

export const releaseGood: Act = shop => shop.release(good('v2'))
export const releaseFailing: Act = shop => shop.release({ name: 'v2', errorRate: 0.9, latencyMs: 0 })
const releaseSlow: Act = shop => shop.release({ name: 'v2', errorRate: 0, latencyMs: 2500 })

export const promotion = played(
  { name: 'promotion', provider: 'gatewayapi:v1', usersPerSecond: 120, ...belongings('promotion') },
  releaseGood,
)
export const blueGreen = played({ name: 'blue-green', provider: 'kubernetes', usersPerSecond: 100 }, releaseGood)

export const soon = { threshold: 8 }
const few = { usersPerSecond: 30, analysis: soon }

export const errors = played({ name: 'errors', provider: 'gatewayapi:v1', ...few }, releaseFailing)
export const latency = played({ name: 'latency', provider: 'gatewayapi:v1', ...few }, releaseSlow)
export const blueGreenErrors = played({ name: 'blue-green-errors', provider: 'kubernetes', ...few }, releaseFailing)
export const blueGreenLatency = played({ name: 'blue-green-latency', provider: 'kubernetes', ...few }, releaseSlow)

/** Both gates are closed at first; each is opened as soon as the rollout waits for it. */
export const passGates: Act = async (shop, stage) => {
  const { log } = shop
  await moveGate(stage, shop, 'close') // a cluster that is kept may have seen this shop before
  const releasing = shop.release(good('v2'))
  await log.until(({ phase }) => phase === 'Waiting', 'the rollout to wait at its start')
  await moveGate(stage, shop, 'open')
  await releasing
  await log.until(({ phase }) => phase !== 'Waiting', 'the start to be approved')
  await moveGate(stage, shop, 'close')
  await log.until(({ phase }) => phase === 'WaitingPromotion', 'the rollout to wait before the promotion')
  await moveGate(stage, shop, 'open')
  await log.until(({ phase }) => phase !== 'WaitingPromotion', 'the gate to be passed')
}

export const gated = { webhooks: gateHooks }

export const gates = played({ name: 'gates', provider: 'gatewayapi:v1', usersPerSecond: 30, analysis: { webhooks: gateHooks } }, passGates)

/** While a version is still on trial, the team releases the next one. */
const changeMind: Act = async shop => {
  await shop.release(good('v2'))
  await shop.log.until(({ weight }) => weight >= 25, 'v2 to get users')
  await shop.release(good('v3'))
}

export const newerRevision = played({ name: 'newer-revision', provider: 'gatewayapi:v1', usersPerSecond: 30 }, changeMind)

const store = 'store-away-metrics'

/** While a version is on trial, the Prometheus that judges it goes away for a minute. This shop has one of its own, so that nobody else minds. */
export const storeAway = scenario(async stage => {
  const { tools, discoveryUrl } = stage
  await tools.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: store } })
  await tools.applyFile('prometheus.yaml', { DISCOVERY_URL: discoveryUrl, 'namespace: monitoring': `namespace: ${store}` })
  const spec = { metricsServer: `http://prometheus.${store}:9090` }
  return playAct(stage, { name: 'store-away', provider: 'gatewayapi:v1', usersPerSecond: 30, spec }, async shop => {
    await shop.release(good('v2'))
    await shop.log.until(({ weight }) => weight >= 25, 'v2 to get users')
    await takePrometheusAway(stage, store)
  })
})
