import { CanaryError, type Disposition, messageOf } from '../errors.ts'
import { excerptOf, type HttpAnswer, type HttpCall } from '../http-call.ts'
import type { AlertTarget, Line } from './alert.ts'

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
export const post = async ({ to, target, body, idempotencyKey }: Post, { send, io }: Line): Promise<string> => {
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
  const hide = (text: string): string => secretsOf(target).reduce((clean, secret) => clean.replaceAll(secret, '…'), text)
  const answer = await sent(call, { to, hide }, { send, io })
  if (answer.status >= 200 && answer.status < 300) return answer.body
  throw new DeliveryFailed(
    `sending notification bad response ${answer.status} from ${to}: ${excerptOf(hide(answer.body))}`,
    isLasting(answer.status) ? 'terminal' : 'retry',
  )
}

/** Redirects and refusals stay what they are; a receiver in trouble, or one that wants us to wait, may take it later. */
const isLasting = (status: number): boolean => status >= 300 && status < 500 && status !== 408 && status !== 429

/** What must not be read in a message: the address, the part of it that makes it a secret, the token, and the way through the proxy. */
const secretsOf = ({ address, token, proxy }: AlertTarget): readonly string[] => {
  const { pathname, search } = new URL(address)
  return [address, `${pathname}${search}`, pathname, token ?? '', proxy ?? ''].filter(secret => secret.length > 1)
}

const urlOf = (to: string, address: string): string => {
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address
  throw new DeliveryFailed(
    `invalid ${to} address, expected an absolute http or https URL; correct the AlertProvider, its Secret or the flag`,
    'terminal',
  )
}

interface Quiet {
  readonly to: string
  readonly hide: (text: string) => string
}

const sent = async (call: HttpCall, { to, hide }: Quiet, { send, io }: Line): Promise<HttpAnswer> => {
  try {
    return await send(call, io)
  } catch (error) {
    throw new DeliveryFailed(`${to} could not be reached: ${hide(messageOf(error))}`, 'retry')
  }
}
