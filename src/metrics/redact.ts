import type { MetricQuestion } from './metric-store.ts'

/** Takes out of a text whatever the question's credentials are made of, however a store echoes them. */
export const redactorOf = ({ address, secret = {} }: Pick<MetricQuestion, 'address' | 'secret'>): ((text: string) => string) => {
  const user = /\/\/([^/]*)@/.exec(address)?.[1]
  const values = [...Object.values(secret), ...(user ? [user, ...user.split(':')] : [])].flatMap(value => [value, value.trim()])
  const pair = user ?? `${secret['username'] ?? ''}:${secret['password'] ?? ''}`
  const words = [...values, Buffer.from(pair, 'utf8').toString('base64')]
    .filter(word => word.length > 1)
    .toSorted((a, b) => b.length - a.length)
  return text => words.reduce((clean, word) => clean.replaceAll(word, '…'), text)
}
