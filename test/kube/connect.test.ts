import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { connect } from '../../src/kube/connect.ts'
import { testIo } from '../support/io.ts'
import { aDeployment, deployments } from '../support/kinds.ts'
import { json, loopbackServer } from '../support/loopback-server.ts'

const clock = systemClock()
const key = { namespace: 'test', name: 'podinfo' }

describe('connect', () => {
  it('speaks to a server with a bearer token', async () => {
    const server = await loopbackServer(json(aDeployment()))
    const { api, close } = connect({ server: server.url, clock, token: 't', userAgent: 'serin/9' })
    expect((await api.get(deployments, key, testIo({ clock })))?.metadata.name).toBe('podinfo')
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer t', 'user-agent': 'serin/9' })
    await close()
  })

  it('leaves no socket behind when closed', async () => {
    const server = await loopbackServer(json(aDeployment()))
    const { api, close } = connect({ server: server.url, clock })
    await api.get(deployments, key, testIo({ clock }))
    await close()
    while (server.openSockets.size > 0) await new Promise(setImmediate)
  })
})
