import { request } from 'undici'
import { serviceAddress } from './service-address.ts'
import type { Shop } from './shop.ts'
import type { Stage } from './stage.ts'

const url = 'http://loadtester.monitoring:9090/gate/check'

/** Gates in the load tester, closed until somebody opens them: one before the analysis, one before the promotion. */
export const gateHooks = [
  { name: 'start', type: 'confirm-rollout', url },
  { name: 'promotion', type: 'confirm-promotion', url },
] as const

/** Opens or closes the gates of a shop, as a person would. */
export const moveGate = async ({ api, io }: Stage, { name }: Pick<Shop, 'name'>, to: 'open' | 'close'): Promise<void> => {
  const tester = await serviceAddress(api, { namespace: 'monitoring', name: 'loadtester' }, io)
  const body = JSON.stringify({ name: 'shop', namespace: name })
  const { statusCode, body: answer } = await request(`http://${tester}:9090/gate/${to}`, { method: 'POST', body })
  await answer.dump()
  if (statusCode !== 202) throw new Error(`expected the load tester to ${to} the gate of ${name}, got ${statusCode}`)
}
