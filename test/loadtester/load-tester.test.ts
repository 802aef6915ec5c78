import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { LoadtesterConfig } from '../../src/config/loadtester-config.ts'
import { type LoadTester, startLoadTester } from '../../src/loadtester/load-tester.ts'
import { type RecordingLogger, recordingLogger } from '../support/io.ts'

const path = '/usr/local/bin:/usr/bin:/bin'
const config: LoadtesterConfig = {
  logLevel: 'debug',
  logFormat: 'json',
  host: '127.0.0.1',
  port: 0,
  taskTimeoutMs: 60_000,
  namespaceRegexp: undefined,
  path,
  commandEnv: { PATH: path },
}

const podinfo = { name: 'podinfo', namespace: 'test' }

describe('the load tester', () => {
  let tester: LoadTester
  let log: RecordingLogger

  const start = async (parts: Partial<LoadtesterConfig> = {}): Promise<void> => {
    log = recordingLogger()
    tester = await startLoadTester({ config: { ...config, ...parts }, clock: systemClock(), log })
  }

  beforeEach(() => start())
  afterEach(() => tester.stop(0))

  /** Status and text of the answer to a POST. */
  const post = async (target: string, body: unknown = podinfo): Promise<readonly [number, string]> => {
    const response = await fetch(`${tester.url}${target}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
    return [response.status, await response.text()]
  }

  const run = (metadata: Readonly<Record<string, string>>) => post('/', { ...podinfo, metadata })

  const logged = (message: string): Promise<void> => vi.waitFor(() => expect(log.messages()).toContain(message), { interval: 5 })

  it('says that it is healthy', async () => {
    expect(await post('/healthz')).toEqual([200, 'OK'])
  })

  it('approves and halts without a body', async () => {
    expect(await post('/gate/approve', '')).toEqual([200, 'OK'])
    expect(await post('/gate/halt', '')).toEqual([403, 'Forbidden'])
  })

  it.each(['/gate', '/rollback'])('keeps %s closed until it is opened, and again after it is closed', async gate => {
    const answers = [await post(`${gate}/check`)]
    answers.push(await post(`${gate}/open`), await post(`${gate}/check`), await post(`${gate}/check`))
    answers.push(await post(`${gate}/close`), await post(`${gate}/check`))
    expect(answers).toEqual([
      [403, 'Forbidden'],
      [202, ''],
      [200, 'Approved'],
      [200, 'Approved'],
      [202, ''],
      [403, 'Forbidden'],
    ])
  })

  it('keeps the rollback gate apart from the approval gate', async () => {
    await post('/gate/open')
    expect(await post('/rollback/check')).toEqual([403, 'Forbidden'])
  })

  it('lets no canary reach the gate of another by its name', async () => {
    await post('/gate/open', { name: 'rollback.podinfo', namespace: 'test' })
    expect(await post('/rollback/check')).toEqual([403, 'Forbidden'])
  })

  it.each(['GET', 'PUT', 'DELETE'])('answers %s like POST', async method => {
    expect((await fetch(`${tester.url}/gate/approve?x=1`, { method })).status).toBe(200)
  })

  it.each(['/', '/gate/check', '/anything'])('answers 400 without a word to a body on %s that is no payload', async target => {
    for (const body of ['', 'no json', '[]', '{"name":"a","metadata":{"cmd":1}}']) expect(await post(target, body)).toEqual([400, ''])
  })

  it.each([{}, { name: null, namespace: null, metadata: null }, { ...podinfo, extra: 1 }])(
    'takes %j for a payload without a task',
    async body => {
      expect(await post('/', body)).toEqual([400, 'metadata not found in payload'])
    },
  )

  it('takes every other path for the task endpoint', async () => {
    expect(await post('/some/where')).toEqual([400, 'metadata not found in payload'])
  })

  it('asks for the command of a cmd task', async () => {
    expect(await run({ type: 'cmd' })).toEqual([400, 'cmd not found in metadata'])
  })

  it('survives an unknown task type', async () => {
    expect(await run({ type: 'nope' })).toEqual([400, expect.stringContaining('unknown task type nope')])
    expect(await post('/healthz')).toEqual([200, 'OK'])
  })

  it('answers a cmd task at once', async () => {
    expect(await run({ cmd: 'sleep 300' })).toEqual([202, ''])
  })

  it('runs a cmd task once while it runs', async () => {
    await run({ cmd: 'sleep 300' })
    await run({ cmd: 'sleep 300' })
    expect(log.messages().filter(message => message === 'task started')).toHaveLength(1)
  })

  it('logs the output of a cmd task when asked', async () => {
    await run({ cmd: 'echo hello', logCmdOutput: 'true' })
    await logged('task finished')
    expect(log.lines.at(-1)?.fields).toMatchObject({ canary: 'podinfo.test', command: 'echo hello', output: 'hello\n' })
  })

  it('waits for a bash task', async () => {
    expect(await run({ type: 'bash', cmd: 'echo hi' })).toEqual([200, ''])
  })

  it('returns the output of a bash task when asked', async () => {
    expect(await run({ type: 'bash', cmd: 'echo hi', returnCmdOutput: 'true' })).toEqual([200, 'hi\n'])
  })

  it('answers 500 with command, output and exit status when a bash task fails', async () => {
    expect(await run({ type: 'bash', cmd: 'false' })).toEqual([500, 'command false failed: : exit status 1'])
  })

  it('ends a bash task whose caller went away', async () => {
    const caller = new AbortController()
    const body = JSON.stringify({ ...podinfo, metadata: { type: 'bash', cmd: 'sleep 300' } })
    const call = fetch(tester.url, { method: 'POST', body, signal: caller.signal }).catch(() => 'gone')
    await logged('task started')
    caller.abort()
    await call
    await logged('task failed')
    expect(log.lines.at(-1)?.fields['error']).toBe('the caller went away')
  })

  it('refuses a body of more than a mebibyte', async () => {
    expect((await post('/', 'x'.repeat(1024 * 1024 + 1)))[0]).toBe(413)
  })

  it('counts its tasks', async () => {
    await run({ type: 'bash', cmd: 'true' })
    const response = await fetch(`${tester.url}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toContain('serin_loadtester_tasks_total{type="bash",result="succeeded"} 1')
  })

  it('admits only namespaces that match', async () => {
    await tester.stop(0)
    await start({ namespaceRegexp: /^test$/ })
    const prod = { name: 'podinfo', namespace: 'prod' }
    expect(await post('/', { ...prod, metadata: { type: 'bash', cmd: 'true' } })).toEqual([403, 'Forbidden'])
    expect(await post('/gate/open', prod)).toEqual([403, 'Forbidden'])
    expect(await post('/gate/open', podinfo)).toEqual([202, ''])
    expect(await post('/gate/approve', prod)).toEqual([200, 'OK'])
  })

  it('lets a request in flight finish when it stops', async () => {
    const answer = run({ type: 'bash', cmd: 'echo started >&2; sleep 0.2; echo hi', returnCmdOutput: 'true' })
    await logged('task started')
    const stopped = tester.stop(60_000)
    expect(await answer).toEqual([200, 'started\nhi\n'])
    await stopped
  })

  it('ends a request in flight that outlasts its grace', async () => {
    const answer = run({ type: 'bash', cmd: 'sleep 300' }).catch(() => 'cut off')
    await logged('task started')
    await tester.stop(10)
    expect(await answer).toBe('cut off')
    expect(log.messages('error')).toEqual(['task failed'])
  })

  it('ends background tasks when it stops', async () => {
    await run({ cmd: 'sleep 300' })
    await logged('task started')
    await tester.stop()
    expect(log.lines.map(({ message, fields }) => `${message} ${fields['error'] ?? ''}`)).toContain('task failed the load tester stops')
  })

  it('says which address it cannot listen on', async () => {
    await expect(start({ port: tester.port })).rejects.toThrow(`cannot listen on 127.0.0.1:${tester.port}`)
  })
})
