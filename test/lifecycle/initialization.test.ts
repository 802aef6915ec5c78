import { afterEach, describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'
import { template } from '../support/team.ts'
import { phases } from './trail.ts'
import { settledTeam, standing, stranded } from './what-stood-there.ts'

let stage: Stage
afterEach(() => stage.stop())

/** The Canary comes last, so that the cluster can be in any mood before. */
const raise = async (options: StageOptions, mood: Partial<Stage['state']> = {}): Promise<void> => {
  const { objects = team(), ...rest } = options
  stage = await createStage({ ...rest, objects: objects.filter(({ kind }) => kind !== 'Canary') })
  Object.assign(stage.state, mood)
  for (const canary of objects.filter(({ kind }) => kind === 'Canary')) stage.api.put(canary)
  await stage.pass(1)
}

describe('a Canary that is new', () => {
  it('makes the primary first', async () => {
    await raise({}, { broken: new Set(['podinfo-primary']) })
    expect(stage.image('podinfo-primary')).toBe('podinfo:v1')
    expect(stage.object(deploymentKind, 'podinfo-primary').metadata.ownerReferences).toEqual([
      expect.objectContaining({ kind: 'Canary', name: 'podinfo', controller: true, blockOwnerDeletion: true }),
    ])
  })

  it('leaves the target, the Service and the route alone until the primary is ready', async () => {
    await raise({ objects: settledTeam() }, { broken: new Set(['podinfo-primary']) })
    const before = standing(stage)
    await stage.pass(120)
    expect(stage.phase).toBe('Initializing')
    expect(standing(stage)).toEqual(before)
    expect(before).toMatchObject({ selector: { app: 'podinfo' }, replicas: 2, marks: [[], []] })
  })

  it('never fails, but stalls with a reason when its deadline is over, and goes on by itself', async () => {
    await raise({}, { broken: new Set(['podinfo-primary']) })
    await stage.pass(100)
    expect(stage.condition('Stalled')).toMatchObject({ status: 'True', reason: 'ProgressDeadlineExceeded' })
    stage.state.broken.clear()
    await stage.untilRest('Initialized')
    expect(stage.condition('Stalled')?.status).toBe('False')
  })

  it('is initialized once the primary serves, and parks the target then', async () => {
    await raise({})
    await stage.untilRest('Initialized')
    expect(phases(stage)).toEqual(['Initializing 0', 'Initialized 0'])
    expect(stage.replicas('podinfo')).toBe(0)
    expect(stage.status).toMatchObject({ failedChecks: 0, iterations: 0, lastPromotedSpec: stage.status.lastAppliedSpec })
  })

  it('loses no request on the way', async () => {
    const lost: string[] = []
    await raise({
      objects: settledTeam(),
      onCall: () => {
        lost.push(...stranded(stage.api))
        return undefined
      },
    })
    await stage.untilRest('Initialized')
    expect(lost).toEqual([])
  })

  it('waits for the primary although the analysis is skipped, so that nothing is without pods', async () => {
    await raise({ objects: team({ spec: { skipAnalysis: true } }) }, { broken: new Set(['podinfo-primary']) })
    await stage.pass(30)
    expect([stage.phase, stage.replicas('podinfo')]).toEqual(['Initializing', 2])
    stage.state.broken.clear()
    await stage.untilRest('Initialized')
  })

  it('follows a target that changes meanwhile', async () => {
    await raise({}, { broken: new Set(['podinfo-primary podinfo:v1']) })
    await stage.release('v2')
    await stage.untilRest('Initialized')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('gives the primary a pod where the target has none', async () => {
    await raise({ objects: team({ replicas: 0 }) })
    await stage.untilRest('Initialized')
    expect(stage.replicas('podinfo-primary')).toBe(1)
  })
})

describe('a primary that is older than its Canary', () => {
  const orphan: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'podinfo-primary',
      namespace: 'test',
      ownerReferences: [{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'of-another-life', controller: true }],
    },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'podinfo-primary' } },
      template: { ...template('v0'), metadata: { labels: { app: 'podinfo-primary' } } },
    },
    status: {},
  }

  it('is brought to what the target runs before anything is called promoted', async () => {
    await raise({ objects: [...team(), orphan] }, { broken: new Set(['podinfo-primary podinfo:v1']) })
    expect([stage.phase, stage.image('podinfo-primary')]).toEqual(['Initializing', 'podinfo:v1'])
    stage.state.broken.clear()
    await stage.untilRest('Initialized')
    expect(stage.replicas('podinfo-primary')).toBe(3)
  })
})

describe('the status of a Canary that is new', () => {
  it.each([
    ['Initializing', 'Unknown', 'New Deployment detected, starting initialization.'],
    ['Initialized', 'True', 'Deployment initialization completed.'],
  ] as const)('%s says Promoted=%s', async (phase, status, message) => {
    await raise({}, phase === 'Initializing' ? { broken: new Set(['podinfo-primary']) } : {})
    await stage.until(() => stage.phase === phase)
    expect(stage.condition('Promoted')).toMatchObject({ status, reason: phase, message })
  })
})

describe('what a Canary that is new says of its metric stores', () => {
  const tools = (problems: readonly string[]): NonNullable<StageOptions['tools']> => ({
    measurer: { measure: async () => [], probe: async () => problems },
    hooks: { call: async () => Promise.reject(new Error('nobody asks')) },
    deliver: async () => {},
  })
  const said = () => stage.events().filter(text => text.includes('metric'))

  it('is that they answer', async () => {
    await raise({ tools: tools([]) })
    await stage.untilRest('Initialized')
    expect(said()).toEqual(['all the metrics providers are available!'])
  })

  it('is what is wrong with them, which holds nothing up', async () => {
    await raise({ tools: tools(['prometheus not reachable']) })
    await stage.untilRest('Initialized')
    expect(said()).toEqual(['Error checking metric providers: prometheus not reachable'])
  })

  it('is nothing where the analysis is skipped', async () => {
    await raise({ tools: tools(['prometheus not reachable']), objects: team({ spec: { skipAnalysis: true } }) })
    await stage.untilRest('Initialized')
    expect(said()).toEqual([])
  })
})
