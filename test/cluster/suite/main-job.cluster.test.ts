import { afterAll, beforeAll, describe } from 'vitest'
import { describeCrashes } from './describe-crashes.ts'
import { describeOrphans } from './describe-orphans.ts'
import { describeOutages, describeStoreAway } from './describe-outages.ts'
import { describePermissions } from './describe-permissions.ts'
import { describeRollouts } from './describe-rollouts.ts'
import { describeTargets } from './describe-targets.ts'
import { describeTroubles } from './describe-troubles.ts'
import { installIstioDefinitions } from './istio.ts'
import { missing } from './needs.ts'
import { installSerin, uninstallSerin } from './serin-release.ts'
import { raiseStage, type Stage } from './stage.ts'

let stage: Stage | undefined

const theStage = (): Stage => {
  if (!stage) throw new Error('the stage is not raised')
  return stage
}

const lacking = missing()
if (lacking.length > 0) console.warn(`the main job is NOT tried: this cluster lacks ${lacking.join(', ')}`)

describe.runIf(lacking.length === 0)('the main job on a real cluster', () => {
  beforeAll(async () => {
    stage = await raiseStage()
    await installIstioDefinitions(stage)
    await installSerin(stage, { replicas: 1 })
  }, 900_000)

  afterAll(async () => {
    if (stage) await uninstallSerin(stage)
    await stage?.strike()
  }, 600_000)

  describe('while nothing goes wrong', () => describeRollouts(theStage))
  describe.concurrent('with other targets than Deployments', () => describeTargets(theStage))
  describe.concurrent('a Canary that is deleted without what it made', () => describeOrphans(theStage))
  describe.concurrent('while pods do not come up', () => describeTroubles(theStage))
  describe('while Serin is killed again and again', () => describeCrashes(theStage))
  describe('while Prometheus is away for a minute', describeStoreAway)
  describe('while other things break', () => describeOutages(theStage))
  describe('in the end, Serin', () => describePermissions(theStage))
})
