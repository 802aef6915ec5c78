import { systemClock } from '../../../src/clock.ts'
import { startApiServer } from '../../../src/sandbox/apiserver/server.ts'
import { describeApiServer } from './describe-api-server.ts'

describeApiServer({
  name: 'the embedded API server',
  has: ['compaction', 'controllers', 'streaming'],
  start: async () => {
    const server = await startApiServer({ clock: systemClock(), serviceCidr: '10.96.0.0/16' })
    const limited = server.addToken({ name: 'serin-limited' })
    return {
      access: { url: server.url, tokens: { admin: server.adminToken, limited, nobody: '', stranger: 'stranger' } },
      compact: async () => server.store.compact(),
      stop: () => server.stop(),
    }
  },
})
