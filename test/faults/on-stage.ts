import { onTestFinished } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { createStage, type Stage, type StageOptions } from '../support/stage.ts'

/** A stage of this one test. When the test ends it is taken down, and a broken safety rule fails the test. */
export const raised = async (options: StageOptions = {}): Promise<Stage> => {
  const stage = await createStage(options)
  onTestFinished(() => stage.stop())
  return stage
}

/** Where nothing is released yet. */
export const initialized = async (options: StageOptions = {}): Promise<Stage> => {
  const stage = await raised(options)
  await stage.untilRest('Initialized')
  return stage
}

/** In mid-run: v2 is analysed at this weight. */
export const atWeight = async (weight: number, options: StageOptions = {}): Promise<Stage> => {
  const stage = await initialized(options)
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
  return stage
}

/** Who serves, with what and how many, and what is recorded of it. */
export const standing = (stage: Stage) => ({
  phase: stage.phase,
  weights: stage.weights,
  recorded: stage.status.canaryWeight,
  primary: stage.image('podinfo-primary'),
  pods: [stage.replicas('podinfo'), stage.replicas('podinfo-primary')],
  apex: stage.selector('podinfo'),
})

const quiet = { weights: [100, 0], recorded: 0, pods: [0, 2], apex: { app: 'podinfo-primary' } }

/** What a rollout of v2 comes to that nothing disturbs: with `standing` the oracle of a fault that must not matter. */
export const promoted = { ...quiet, phase: 'Succeeded', primary: 'podinfo:v2' }

/** What a rollout comes to that is rolled back. */
export const rolledBack = { ...quiet, phase: 'Failed', primary: 'podinfo:v1' }

/** The same objects under another name. */
export const renamed = (objects: readonly KubeObject[], name: string): readonly KubeObject[] =>
  objects.map(object => JSON.parse(JSON.stringify(object).replaceAll('"podinfo"', `"${name}"`)) as KubeObject)

/** Condition, event and log line all say it. */
export const isTold = ({ status, events, io }: Stage, words: string): boolean =>
  [(status.conditions ?? []).map(({ message }) => message), events(), io.log.messages()].every(texts =>
    texts.some(text => text.includes(words)),
  )
