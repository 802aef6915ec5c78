import { CanaryError, type Disposition, messageOf } from '../errors.ts'
import type { HttpCall, SendHttp } from '../http-call.ts'
import type { Io } from '../io.ts'
import type { AlertTarget } from './alert.ts'

/** A message did not get there. The address, which is a secret, is not part of the words. */
export class DeliveryFailed extends CanaryError {
  readonly code = 'DeliveryFailed'
  readonly disposition: Disposition

  constructor(message: string, disposition: Disposition) {
    super(message)
    this.disposition = disposition
  }
}

const timeoutMs = 5000

export interface Post {
  /** Who it goes to, for messages: `slack`. */
  readonly to: string
  readonly target: AlertTarget
  readonly body: Readonly<Record<string, unknown>>
  readonly idempotencyKey: string
}

/**
 * Posts JSON. Any 2xx means that it arrived.
 * @throws {DeliveryFailed} retry: nobody answered, or the receiver is in trouble; terminal: it refuses
 */
export const post = async ({ to, target, body, idempotencyKey }: Post, send: SendHttp, io: Io): Promise<string> => {
  const call: HttpCall = {
    method: 'POST',
    url: urlOf(to, target.address),
    headers: {
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
      ...(target.token ? { authorization: `Bearer ${target.token}` } : {}),
    },
    body: JSON.stringify(body),
    timeoutMs,
    ...(target.proxy ? { proxy: target.proxy } : {}),
  }
  const answer = await sent(call, { to, secret: target.address }, { send, io })
  if (answer.status >= 200 && answer.status < 300) return answer.body
  const lasting = answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429
  throw new DeliveryFailed(`sending notification bad response ${answer.status} from ${to}`, lasting ? 'terminal' : 'retry')
}

const urlOf = (to: string, address: string): string => {
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address
  throw new DeliveryFailed(
    `invalid ${to} address, expected an absolute http or https URL; correct the AlertProvider, its Secret or the flag`,
    'terminal',
  )
}

interface Line {
  readonly send: SendHttp
  readonly io: Io
}

const sent = async (call: HttpCall, { to, secret }: { readonly to: string; readonly secret: string }, { send, io }: Line) => {
  try {
    return await send(call, io)
  } catch (error) {
    throw new DeliveryFailed(`${to} could not be reached: ${messageOf(error).replaceAll(secret, '…')}`, 'retry')
  }
}
