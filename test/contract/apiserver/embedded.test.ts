import { systemClock } from '../../../src/clock.ts'
import { startApiServer } from '../../../src/sandbox/apiserver/server.ts'
import { withToken } from './api-client.ts'
import { describeApiServer } from './describe-api-server.ts'

describeApiServer({
  name: 'the embedded API server',
  has: ['compaction', 'controllers', 'streaming', 'limited user'],
  isDisposable: true,
  start: async () => {
    const server = await startApiServer({ clock: systemClock(), serviceCidr: '10.96.0.0/16' })
    return {
      access: {
        url: server.url,
        users: {
          admin: withToken(server.adminToken),
          limited: withToken(server.addToken({ name: 'serin-limited' })),
          nobody: withToken(''),
          stranger: withToken('stranger'),
        },
      },
      compact: async () => server.store.compact(),
      stop: () => server.stop(),
    }
  },
})
