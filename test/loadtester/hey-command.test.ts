import { describe, expect, it } from 'vitest'
import { readHeyCommand } from '../../src/loadtester/hey-command.ts'
import type { LoadPlan } from '../../src/loadtester/load-generator.ts'
import { simpleWords } from '../../src/loadtester/shell-words.ts'

const read = (line: string) => readHeyCommand(simpleWords(line) ?? [])

const planOf = (line: string): LoadPlan => {
  const command = read(line)
  if (!command.ok) throw new Error(command.reason)
  return command.plan
}

const reasonOf = (line: string): string => {
  const command = read(line)
  return command.ok ? 'accepted' : command.reason
}

describe('a hey command line', () => {
  it('of the field gives duration, rate and workers', () => {
    expect(planOf('-z 1m -q 10 -c 2 http://podinfo-canary.test:9898/')).toMatchObject({
      url: 'http://podinfo-canary.test:9898/',
      durationMs: 60_000,
      ratePerWorker: 10,
      concurrency: 2,
      method: 'GET',
    })
  })

  it('without options means 200 requests by 50 workers', () => {
    const plan = planOf('http://app/')
    expect(plan).toMatchObject({ requests: 200, concurrency: 50, timeoutMs: 20_000 })
    expect(plan).not.toHaveProperty('ratePerWorker')
  })

  it('ignores the number of requests when it has a duration', () => {
    expect(planOf('-n 5 -z 2s http://app/')).not.toHaveProperty('requests')
  })

  it('sends method, body and content type', () => {
    expect(planOf(`-m post -T application/json -d '{"test": true}' http://app/echo`)).toMatchObject({
      method: 'POST',
      body: '{"test": true}',
      headers: { 'content-type': 'application/json' },
    })
  })

  it('takes a header as often as it is repeated', () => {
    expect(planOf(`-H 'Cookie: type=insider' -H "x-canary: always" -A text/plain http://app/`).headers).toMatchObject({
      cookie: 'type=insider',
      'x-canary': 'always',
      accept: 'text/plain',
    })
  })

  it('names another host than the one it connects to', () => {
    expect(planOf('-host app.example.com http://gateway/').headers).toMatchObject({ host: 'app.example.com' })
  })

  it('turns a user and password into basic authentication', () => {
    expect(planOf('-a user:secret http://app/').headers).toMatchObject({ authorization: 'Basic dXNlcjpzZWNyZXQ=' })
  })

  it('turns keep-alive, redirects and compression off', () => {
    const plan = planOf('-disable-keepalive -disable-redirects -disable-compression http://app/')
    expect(plan).toMatchObject({ keepAlive: false, followRedirects: false })
    expect(plan.headers).not.toHaveProperty('accept-encoding')
  })

  it('reads values after an equals sign, with one dash or two', () => {
    expect(planOf('-z=5s --c=3 --q 7 http://app/')).toMatchObject({ durationMs: 5000, concurrency: 3, ratePerWorker: 7 })
  })

  it('gives no time limit for -t 0', () => {
    expect(planOf('-t 0 http://app/').timeoutMs).toBe(0)
  })

  it('accepts -cpus without effect', () => {
    expect(planOf('-cpus 2 http://app/').url).toBe('http://app/')
  })

  it('remembers the file of a body', () => {
    expect(read('-D /tmp/body http://app/')).toMatchObject({ ok: true, bodyFile: '/tmp/body' })
  })

  it.each([
    ['-o csv http://app/', 'summary only'],
    ['http://app/ -z 1m', 'stands after the URL: -z 1m'],
  ])('%s is run with a note', (line, note) => {
    expect(read(line)).toMatchObject({ ok: true, notes: [expect.stringContaining(note)] })
  })

  it.each([
    ['-h2 http://app/', 'HTTP/2 (-h2) is not supported'],
    ['-x proxy:3128 http://app/', 'a proxy (-x) is not supported'],
    ['-z 1m', 'expected one http or https URL after the options, got ""'],
    ['-z soon http://app/', '-z: expected a duration'],
    ['-c 0 http://app/', '-c: expected a whole number from 1'],
    ['-q many http://app/', '-q: expected a number of requests a second'],
    ['-n 2 -c 5 http://app/', '-n (2) cannot be less than -c (5)'],
    ['-H nonsense http://app/', '-H: expected "Name: value", got "nonsense"'],
    ['-a user http://app/', '-a: expected user:password'],
    ['-zz 1m http://app/', 'unknown flag -zz'],
    ['ftp://app/', 'expected one http or https URL'],
    ['-z', 'flag -z needs a value'],
  ])('%s is refused with a reason', (line, reason) => {
    expect(reasonOf(line)).toContain(reason)
  })
})
