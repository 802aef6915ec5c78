import type { CanaryView } from '../../../src/sandbox/story/canary-view.ts'
import type { Sample } from '../../../src/sandbox/story/tally.ts'
import { dismissLeader, freezeApiServer, killLeader, restartApiServer, restartEnvoy } from './disturbances.ts'
import { type Scenario, scenario } from './scenario.ts'
import { installSerin } from './serin-release.ts'
import { good, openShop, type Shop } from './shop.ts'
import type { Stage } from './stage.ts'

/** Two shops that stay open while one thing after another breaks. */
interface Street {
  readonly stage: Stage
  readonly shops: readonly Shop[]
}

/** What one of the shops saw of one outage. */
interface Sight {
  readonly shop: string
  readonly version: string
  readonly end: CanaryView
  readonly steps: readonly string[]
  readonly failed: readonly Sample[]
  /** What users got after the end. */
  readonly versions: readonly string[]
}

interface Outage<T> {
  readonly sights: readonly Sight[]
  readonly found: T
}

/** Releases a version in both shops, and lets this happen as soon as the first one gets users. */
const during = async <T>({ stage, shops }: Street, version: string, happen: (stage: Stage) => Promise<T>): Promise<Outage<T>> => {
  const { clock } = stage.io
  const startedMs = clock.nowMs()
  const begun = shops.map(shop => ({ shop, from: shop.log.steps.length }))
  await Promise.all(shops.map(shop => shop.release(good(version))))
  await shops[0]?.log.until(({ weight }) => weight >= 25, `${version} to get users`)
  const found = await happen(stage)
  await Promise.all(shops.map(shop => shop.end()))
  const endedMs = clock.nowMs()
  await Promise.all(shops.map(({ users }) => users.enough(endedMs)))
  const sights = begun.map(({ shop: { name, log, users }, from }) => ({
    shop: name,
    version,
    end: log.now(),
    steps: log.steps.slice(from),
    failed: users.failed(startedMs),
    versions: [...users.versions(endedMs)],
  }))
  return { sights, found }
}

const street = scenario(async (stage): Promise<Street> => {
  await installSerin(stage, { replicas: 2 })
  const shops = await Promise.all([
    openShop(stage, { name: 'street', provider: 'gatewayapi:v1', usersPerSecond: 100 }),
    openShop(stage, { name: 'street-blue-green', provider: 'kubernetes', usersPerSecond: 30 }),
  ])
  return { stage, shops }
})

let last: Promise<unknown> = Promise.resolve()

/** Outages come one after the other, in the order in which they are started. */
const outage = <T>(version: string, happen: (stage: Stage) => Promise<T>): Scenario<Outage<T>> =>
  scenario(() => {
    const mine = last.then(async () => during(await street.outcome(), version, happen))
    last = mine.catch(() => {}) // told by each test that asks for its outcome
    return mine
  })

export const leadersGo = outage('v2', async stage => ({ killedMs: await killLeader(stage), dismissedMs: await dismissLeader(stage) }))
export const apiServerRestarts = outage('v3', restartApiServer)
export const apiServerFreezes = outage('v4', freezeApiServer)
export const envoyRestarts = outage('v5', restartEnvoy)

export const startOutages = (stage: Stage): void => {
  for (const one of [street, leadersGo, apiServerRestarts, apiServerFreezes, envoyRestarts]) one.start(stage)
}

/** Closes the shops. */
export const endOutages = async (): Promise<void> => {
  const { shops } = await street.outcome()
  await Promise.all(shops.map(shop => shop.close()))
}
