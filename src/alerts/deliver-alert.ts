import type { AlertProvider } from '../api/alert-provider.ts'
import type { SendHttp } from '../http-call.ts'
import type { Io } from '../io.ts'
import type { AlertLookup, AlertTarget, Deliver, GlobalAlert } from './alert.ts'
import { DeliveryFailed } from './post.ts'
import { alertProviders } from './registry.ts'

export interface AlertDelivery {
  readonly send: SendHttp
  readonly lookup: AlertLookup
  readonly global: GlobalAlert | undefined
  readonly clusterName: string
  readonly noCrossNamespaceRefs: boolean
}

interface Receiver {
  readonly type: string
  readonly target: AlertTarget
}

/** Delivers alerts to the chat system that the entry names. */
export const createAlertDelivery = (options: AlertDelivery): Deliver => {
  const { send, global, clusterName, noCrossNamespaceRefs } = options
  return async (canary, entry, io) => {
    const [namespace = '', name = ''] = entry.receiver.split('/')
    const own = canary.metadata.namespace ?? ''
    if (name && noCrossNamespaceRefs && namespace !== own) {
      throw new DeliveryFailed(`can't access alert provider ${name}.${namespace}, cross-namespace references are blocked`, 'terminal')
    }
    const receiver = name ? await resolve(namespace, name, { options, io }) : global
    if (!receiver) throw new DeliveryFailed('no chat system is configured for the whole controller any more', 'terminal')
    await alertProviders.get(receiver.type).send({ canary, entry, clusterName }, receiver.target, { send, io })
  }
}

interface Place {
  readonly options: AlertDelivery
  readonly io: Io
}

const resolve = async (namespace: string, name: string, { options, io }: Place): Promise<Receiver> => {
  const where = `AlertProvider ${name}.${namespace}`
  const found = options.lookup.provider(namespace, name)
  if (!found) throw new DeliveryFailed(`${where} does not exist; create it or remove it from spec.analysis.alerts`, 'retry')
  const [problem] = found.problems
  if (problem) throw new DeliveryFailed(`${where} cannot be used: ${problem.path}: ${problem.message}`, 'retry')
  const { type, channel, username, proxy } = found.object.spec
  const { address, token } = await accessOf(found.object, { options, io })
  return { type, target: { address, channel, username, ...(token ? { token } : {}), ...(proxy ? { proxy } : {}) } }
}

/** What the Secret says counts; files that Secrets are made of often end with a line break, which is nobody's address. */
const accessOf = async ({ metadata, spec }: AlertProvider, { options, io }: Place): Promise<Pick<AlertTarget, 'address' | 'token'>> => {
  if (!spec.secretRef) return { address: spec.address ?? '' }
  const namespace = metadata.namespace ?? ''
  const where = `Secret ${spec.secretRef.name}.${namespace} of AlertProvider ${metadata.name}.${namespace}`
  const secret = await options.lookup.secret(namespace, spec.secretRef.name, io)
  if (!secret) throw new DeliveryFailed(`${where} does not exist; create it`, 'retry')
  const address = secret['address']?.trim()
  if (!address) throw new DeliveryFailed(`${where} does not contain an address; add the key address`, 'retry')
  const token = secret['token']?.trim()
  return { address, ...(token ? { token } : {}) }
}
