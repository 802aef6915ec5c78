import { authorizationIn } from '../http-call.ts'
import type { MetricQuestion } from './metric-store.ts'

/** Takes out of a text whatever the question's credentials are made of, however a store echoes them. */
export const redactorOf = ({ address, secret = {} }: Pick<MetricQuestion, 'address' | 'secret'>): ((text: string) => string) => {
  const { username = '', password = '' } = secret
  const pair = Buffer.from(`${username}:${password}`, 'utf8').toString('base64')
  const words = [...Object.values(secret), pair, ...userOf(address)]
    .flatMap(word => [word, word.trim()])
    .filter(word => word.length > 1)
    .toSorted((a, b) => b.length - a.length)
  return text => words.reduce((clean, word) => clean.replaceAll(word, '…'), text)
}

/** The part of an address before its `@`, as it is written, as it is meant, and as it is sent. */
const userOf = (address: string): readonly string[] => {
  const sent = URL.canParse(address) ? authorizationIn(address)?.replace('Basic ', '') : undefined
  if (sent === undefined) return []
  const written = /\/\/([^/]*)@/.exec(address)?.[1] ?? ''
  const meant = Buffer.from(sent, 'base64').toString('utf8')
  return [sent, ...[written, meant].flatMap(pair => [pair, ...pair.split(':')])]
}
