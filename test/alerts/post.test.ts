import { describe, expect, it, onTestFinished } from 'vitest'
import { post } from '../../src/alerts/post.ts'
import { createHttp, type HttpAnswer } from '../../src/http-call.ts'
import { testIo } from '../support/io.ts'
import { loopbackServer } from '../support/loopback-server.ts'
import { answering, aTarget, secretAddress } from './messages.ts'

const posting = (reply: Partial<HttpAnswer> | Error, change = {}) => {
  const { send } = answering(reply)
  return post({ to: 'slack', target: aTarget(change), body: {}, idempotencyKey: 'k' }, { send, io: testIo() })
}

/** The words of a post that fails. */
const wordsOf = (reply: Partial<HttpAnswer> | Error, change = {}): Promise<string> =>
  posting(reply, change).then(
    () => '',
    (error: Error) => error.message,
  )

describe('a post to a chat system', () => {
  it.each([200, 201, 204, 299])('has arrived with a status of %i', async status => expect(posting({ status })).resolves.toBe('ok'))

  it.each<readonly [number, string]>([
    [301, 'terminal'],
    [400, 'terminal'],
    [403, 'terminal'],
    [404, 'terminal'],
    [410, 'terminal'],
    [408, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
  ])('that is answered with %i is worth: %s', async (status, disposition) =>
    expect(posting({ status })).rejects.toMatchObject({ code: 'DeliveryFailed', disposition }),
  )

  it('that finds nobody is worth another', async () =>
    expect(posting(new Error('connect ECONNREFUSED'))).rejects.toMatchObject({
      disposition: 'retry',
      message: 'slack could not be reached: connect ECONNREFUSED',
    }))

  it('says what came instead', async () =>
    expect(await wordsOf({ status: 404, body: 'no_service\n' })).toBe('sending notification bad response 404 from slack: no_service'))

  it.each(['', 'hooks.slack.test/x', '/services/x', 'ftp://hooks.slack.test'])('does not go to the address %j', async address =>
    expect(posting({}, { address })).rejects.toMatchObject({
      disposition: 'terminal',
      message: expect.stringContaining('invalid slack address'),
    }),
  )
})

describe('the words of a failed post', () => {
  const secrets = { address: `${secretAddress}?sig=SIGNATURE`, token: 'xoxb-token', proxy: 'http://me:pw@proxy.test:3128' }

  it.each<Partial<HttpAnswer> | Error>([
    new Error(`cannot reach ${secrets.address} through ${secrets.proxy} with ${secrets.token}`),
    new Error('no such path /services/T00000000/B00000000/XXXXsecretXXXX?sig=SIGNATURE'),
    { status: 500, body: `you sent Bearer ${secrets.token} to ${secrets.address}` },
    { status: 404, body: `${'x'.repeat(190)}${secrets.token}` },
  ])('hold no secret, whatever came: %s', async reply =>
    expect(await wordsOf(reply, secrets)).not.toMatch(/XXXXsecret|SIGNATURE|xoxb|me:pw/),
  )

  it('hold no address that is none', async () => expect(await wordsOf({}, { address: 'hooks.slack.test/SECRET' })).not.toContain('SECRET'))
})

it('gives up on a chat server that hangs after 5 s', async () => {
  const server = await loopbackServer(() => {})
  const http = createHttp()
  onTestFinished(() => http.close())
  const io = testIo()
  const pending = post({ to: 'slack', target: aTarget({ address: server.url }), body: {}, idempotencyKey: 'k' }, { send: http.send, io })
  const outcome = expect(pending).rejects.toThrow('slack could not be reached: no answer within 5s')
  await expect.poll(() => server.requests.length).toBe(1)
  await io.clock.advance(5000)
  await outcome
})
