import { expect, it } from 'vitest'
import { team } from '../support/stage.ts'
import { atWeight, initialized, promoted, raised, standing } from './on-stage.ts'
import { watchedKinds } from './watches.ts'

const writesOf = async (disturb: (stage: Awaited<ReturnType<typeof initialized>>) => void): Promise<readonly string[]> => {
  const stage = await initialized()
  const before = stage.plugged.length
  await stage.release('v2')
  await stage.until(() => {
    disturb(stage)
    return stage.phase === 'Succeeded' && stage.status.state === undefined
  }, 900)
  expect(standing(stage)).toEqual(promoted)
  const writes = stage.plugged.slice(before).filter(({ verb }) => verb !== 'updateStatus') // a wait that lasts is recorded
  return writes.map(({ verb, kind, name }) => `${verb} ${kind} ${name}`)
}

it('watches that are answered with 410 at every turn change nothing of what a rollout writes', async () => {
  const undisturbed = await writesOf(() => {})
  const disturbed = await writesOf(stage => {
    stage.api.compact()
    for (const watch of stage.api.watches()) watch.break()
  })
  expect(disturbed).toEqual(undisturbed)
})

it.each(watchedKinds)('a 410 on a watch of $kind is followed by a list that tells of nothing new', async ({ kind }) => {
  const stage = await atWeight(20)
  await stage.configure('of-somebody-else', {})
  stage.api.compact()
  for (const watch of stage.api.watches(kind)) watch.break()
  stage.api.forgetRequests()
  await stage.pass(5)
  expect(stage.api.count('list', kind)).toBe(1)
  expect(stage.api.requests.filter(({ verb }) => !['list', 'watch'].includes(verb))).toEqual([])
})

it('a 410 on a continue token begins the list again', async () => {
  const stage = await raised({ objects: [] })
  const crowd = Array.from({ length: 600 }, (_, at) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `other-${at}`, namespace: 'crowd' },
    spec: { ports: [] },
  }))
  for (const object of [...crowd, ...team()]) stage.api.put(object)
  stage.api.fault({ verb: 'list', kind: 'Service', with: 'Gone', skip: 2 })
  await stage.restart()
  await stage.untilRest('Initialized')
  await stage.release('v2')
  await stage.untilRest('Succeeded')
  expect(standing(stage)).toEqual(promoted)
})
