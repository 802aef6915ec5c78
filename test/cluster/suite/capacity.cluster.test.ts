import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startForeign } from '../../../bench/cluster/foreign-controller.ts'
import { customResourceDefinitions } from '../../../src/api/crd.ts'
import { playCapacity } from './capacity.ts'
import { missing } from './needs.ts'
import { installSerin, uninstallSerin } from './serin-release.ts'
import { serviceAddress } from './service-address.ts'
import { raiseStage, type Stage } from './stage.ts'

/* Run with everything else, or alone by `npm run scenario -- capacity`, which names a file for the figures and perhaps another controller. */

const command = process.env['SERIN_SCENARIO_CMD'] ?? ''
const figuresFile = process.env['SERIN_SCENARIO_FILE'] ?? ''

/** Another controller of these resources, started by a command. */
const startCommand = async ({ tools, cluster, api, io }: Stage) => {
  await tools.apply(...customResourceDefinitions())
  await tools.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=240s'])
  const store = await serviceAddress(api, { namespace: 'monitoring', name: 'prometheus' }, io)
  return startForeign(command, { ...process.env, KUBECONFIG: cluster.kubeconfig, METRICS_SERVER: `http://${store}:9090` })
}

describe.runIf(missing().length === 0)('a release where pods are scarce', () => {
  let played: Awaited<ReturnType<typeof playCapacity>>
  const undo: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    const stage = await raiseStage()
    undo.push(stage.strike)
    undo.push(command === '' ? () => uninstallSerin(stage) : (await startCommand(stage)).child.stop)
    if (command === '') await installSerin(stage, { replicas: 1 })
    played = await playCapacity(stage)
    if (figuresFile) await writeFile(figuresFile, JSON.stringify(played))
  }, 1_500_000)

  afterAll(async () => {
    for (const step of undo.toReversed()) await step()
  }, 600_000)

  it('is promoted when it is good, and costs users not one request', () => {
    expect([played.promotion.phase, played.promotion.failure]).toEqual(['Succeeded', ''])
    expect([played.promotion.during.failures, played.promotion.after.failures]).toEqual([[], []])
  })

  it('is rolled back when it is slow, and costs users not one request', () => {
    expect(played.rollback.phase).toBe('Failed')
    expect([played.rollback.during.failures, played.rollback.after.failures]).toEqual([[], []])
  })

  it.runIf(command === '')('leads requests by Services whose endpoints Serin sees, and by no others', () =>
    expect(played.watched).toEqual(['shop-canary', 'shop-primary']),
  )

  it('finds the primary as large as it was, whatever its scaler makes of pods that nobody asks', () => {
    expect([played.promotion.primaryPods.fewestAsked, played.rollback.primaryPods.fewestAsked]).toEqual([played.pods, played.pods])
  })
})
