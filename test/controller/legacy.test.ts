import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/api/object.ts'
import { createStage, type Stage, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const manifest = parse(readFileSync(new URL('../../examples/podinfo-v1alpha3.yaml', import.meta.url), 'utf8')) as KubeObject

/** As the API server stores it; on a cluster whose controller routes by Services alone. */
const stored: KubeObject = {
  ...manifest,
  apiVersion: 'flagger.app/v1beta1',
  metadata: { ...manifest.metadata, namespace: 'test', generation: 1 },
  spec: { ...(manifest['spec'] as object), provider: 'kubernetes' },
}

describe('the Canary of 2019', () => {
  it('runs, and a condition names the line that is missing', async () => {
    const [deployment] = team()
    stage = await createStage({ objects: deployment ? [deployment, stored] : [] })
    await stage.until(() => stage.phase === 'Initialized')
    expect(stage.condition('Notes')?.message).toMatch(/webhooks\[0\].*url/)
    expect(stage.events().some(text => text.includes('webhooks[0]'))).toBe(true)
  })
})
