import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { sick } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { template } from '../support/team.ts'
import { phases } from './trail.ts'

let stage: Stage
afterEach(() => stage.stop())

const hash = '5d8b7c4f9'

/** A team as a controller of the field leaves it after a promotion: its hashes mean nothing to us. */
const leftBehind = (): readonly KubeObject[] => {
  const [target, canary] = team({ replicas: 0 })
  const status = { phase: 'Succeeded', canaryWeight: 0, failedChecks: 0, iterations: 0, lastAppliedSpec: hash, lastPromotedSpec: hash }
  const owner = { apiVersion: canary.apiVersion, kind: 'Canary', name: 'podinfo', uid: 'canary-uid', controller: true }
  const primary = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'podinfo-primary', namespace: 'test', ownerReferences: [owner] },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'podinfo-primary' } },
      template: { ...template('v1'), metadata: { labels: { app: 'podinfo-primary' } } },
    },
    status: {},
  }
  return [target, { ...canary, metadata: { ...canary.metadata, uid: 'canary-uid' }, status }, primary]
}

describe('a Canary that a controller of the field left behind', () => {
  it('is analysed once, while its primary serves on', async () => {
    stage = await createStage({ objects: leftBehind() })
    expect(phases(stage)).not.toContain('Initializing 0')
    await stage.untilRest('Succeeded')
    expect(stage.status.lastPromotedSpec).not.toBe(hash)
    stage.api.forgetRequests()
    await stage.pass(60)
    expect(phases(stage)).toEqual([])
  })

  it('keeps its primary as it is when that analysis fails', async () => {
    stage = await createStage({ objects: leftBehind() })
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect([stage.image('podinfo-primary'), ...stage.weights, stage.replicas('podinfo')]).toEqual(['podinfo:v1', 100, 0, 0])
  })
})
