import { type Answer, AUTHORITATIVE_ANSWER, type Packet, type Question } from 'dns-packet'
import { clusterIpOf, type ServiceBook } from '../objects/service-book.ts'
import { serviceOfHost } from '../objects/service-names.ts'

/** What a name stands for inside the cluster. */
export type Meaning =
  | { readonly kind: 'addresses'; readonly ips: readonly string[] }
  | { readonly kind: 'alias'; readonly name: string }
  | { readonly kind: 'unknown' }
  /** The Services have not been read yet: to call a name unknown now would be remembered. */
  | { readonly kind: 'unread' }

/**
 * The meaning of `NAME.NAMESPACE`, with or without `.svc` and `.svc.cluster.local`: the ClusterIP, the ready endpoints of a headless Service, or the
 * name that a Service of type ExternalName stands for. A bare `NAME` means nothing here: the search list of the pod adds the namespace.
 */
export const meaningOf = (book: Pick<ServiceBook, 'hasSynced' | 'service' | 'hosts'>, name: string): Meaning => {
  if (!book.hasSynced()) return { kind: 'unread' }
  const key = serviceOfHost(name, '')
  const service = key && book.service(key)
  if (!key || !service) return { kind: 'unknown' }
  if (service.spec.type === 'ExternalName') return { kind: 'alias', name: service.spec.externalName ?? '' }
  const ip = clusterIpOf(service)
  return { kind: 'addresses', ips: ip === '' ? book.hosts(key) : [ip] }
}

/** Services move: nobody should remember an answer for longer, in seconds. */
const ttl = 5
const recursionDesired = 1 << 8
/** RFC 1035, 4.1.1 */
const codes = { done: 0, serverFailure: 2, noSuchName: 3, notImplemented: 4 } as const
const codeOf: Readonly<Record<Meaning['kind'], number>> = {
  addresses: codes.done,
  alias: codes.done,
  unknown: codes.noSuchName,
  unread: codes.serverFailure,
}

const answersTo = ({ name, type }: Question, meaning: Meaning): Answer[] => {
  if (meaning.kind === 'alias') return [{ type: 'CNAME', name, ttl, data: meaning.name }]
  // There are IPv4 addresses only: a question for another kind of record has an empty answer, which is not the same as an unknown name.
  if (meaning.kind !== 'addresses' || type !== 'A') return []
  return meaning.ips.map(data => ({ type: 'A', name, ttl, data }))
}

/** A packet as it is read: with a name for what is asked. */
type Query = Packet & { readonly opcode?: string }

/** The whole answer to a query: authoritative for everything, since there is nobody else to ask. */
export const answerTo = ({ id, opcode = 'QUERY', questions = [], flags = 0 }: Query, find: (name: string) => Meaning): Packet => {
  const [question] = questions
  const answered = opcode === 'QUERY' && question ? { question, meaning: find(question.name) } : undefined
  return {
    type: 'response',
    ...(id === undefined ? {} : { id }),
    flags: AUTHORITATIVE_ANSWER | (flags & recursionDesired) | (answered ? codeOf[answered.meaning.kind] : codes.notImplemented),
    questions,
    answers: answered ? answersTo(answered.question, answered.meaning) : [],
  }
}
