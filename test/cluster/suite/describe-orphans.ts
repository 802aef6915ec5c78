import { beforeAll, expect, it } from 'vitest'
import { orphaned } from './orphaned.ts'
import type { Stage } from './stage.ts'

const patient = 600_000

/** A Canary that is deleted with `--cascade=orphan`, and made again. */
export const describeOrphans = (stage: () => Stage): void => {
  beforeAll(() => {
    orphaned.start(stage())
  })

  it('goes at once, and what it made belongs to nobody', { timeout: patient }, async () => {
    const { seen } = await orphaned.outcome()
    expect(seen.before).toContainEqual(expect.stringContaining('ControllerRevision shop-'))
    expect(seen.between).toEqual([])
  })

  it('has its primary and its revision again when it is made again', { timeout: patient }, async () => {
    const { seen } = await orphaned.outcome()
    const wanted = seen.before.filter(text => /^(Deployment|ControllerRevision) /.test(text))
    expect(seen.after).toEqual(expect.arrayContaining([...wanted]))
  })

  it('promotes the next version', { timeout: patient }, async () => {
    const { end, steps } = await orphaned.outcome()
    expect(end, steps.join(', ')).toMatchObject({ phase: 'Succeeded', failure: '' })
  })

  it('costs users not one request', { timeout: patient }, async () => {
    const { users } = await orphaned.outcome()
    expect(users.failed()).toEqual([])
  })
}
