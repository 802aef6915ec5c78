import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { entryOf, openTail } from '../../bench/cluster/audit-log.ts'
import { classOf } from '../../bench/passes/tally.ts'

const line = (change: object = {}) =>
  JSON.stringify({
    stage: 'ResponseComplete',
    verb: 'update',
    requestURI: '/apis/flagger.app/v1beta1/namespaces/team-0/canaries/app-0/status?fieldManager=serin',
    user: { username: 'controller' },
    userAgent: 'serin/0.1.0',
    objectRef: { apiGroup: 'flagger.app', resource: 'canaries', namespace: 'team-0', name: 'app-0', subresource: 'status' },
    responseStatus: { code: 200 },
    ...change,
  })
const classFrom = (change: object) => {
  const entry = entryOf(line(change), 'controller')
  return entry && classOf(entry)
}

describe('a line of a real audit log', () => {
  it('is a status write like one of the embedded server', () => expect(classFrom({})).toBe('statusWrite'))

  it('of somebody else does not count', () => expect(classFrom({ user: { username: 'admin' } })).toBeUndefined())

  it('that only mentions the user does not count', () =>
    expect(classFrom({ user: { username: 'admin' }, userAgent: 'controller' })).toBeUndefined())

  it.each([
    ['ResponseStarted', 'watch'],
    ['ResponseComplete', undefined],
  ])('of a watch at %s counts as %s', (stage, wanted) => expect(classFrom({ verb: 'watch', stage })).toBe(wanted))

  it('of no object is a read by its path', () =>
    expect(entryOf(line({ verb: 'get', requestURI: '/version?timeout=5s', objectRef: undefined }), 'controller')).toMatchObject({
      path: '/version',
      resource: '',
    }))
})

describe('the end of a file', () => {
  let folder = ''
  const path = () => join(folder, 'audit.log')
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'serin-tail-'))
    await writeFile(path(), 'one\n')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('gives each line once, and a torn one when it is whole', async () => {
    const tail = await openTail(path())
    const first = await tail.read()
    await appendFile(path(), 'two\nthr')
    const second = await tail.read()
    await appendFile(path(), 'ee\n')
    expect([first, second, await tail.read()]).toEqual([['one'], ['two'], ['three']])
    await tail.close()
  })

  it('goes on in the new file when the old one was put away', async () => {
    const tail = await openTail(path())
    await tail.read()
    await appendFile(path(), 'two\n')
    await rename(path(), join(folder, 'audit-1.log'))
    await writeFile(path(), 'three\n')
    expect(await tail.read()).toEqual(['two', 'three'])
    await tail.close()
  })
})
