import { afterAll, beforeAll, describe } from 'vitest'
import { describeCrashes } from './describe-crashes.ts'
import { describeRollouts } from './describe-rollouts.ts'
import { installSerin } from './serin-release.ts'
import { raiseStage, type Stage } from './stage.ts'

let stage: Stage | undefined

const theStage = (): Stage => {
  if (!stage) throw new Error('the stage is not raised')
  return stage
}

describe('the main job on a real cluster', () => {
  beforeAll(async () => {
    stage = await raiseStage()
    await installSerin(stage, { replicas: 1 })
  }, 300_000)

  afterAll(async () => {
    await stage?.strike()
  }, 60_000)

  describe('while nothing goes wrong', () => describeRollouts(theStage))
  describe('while Serin is killed again and again', () => describeCrashes(theStage))
})
