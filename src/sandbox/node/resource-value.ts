import { availableParallelism, totalmem } from 'node:os'
import type { Container } from '../objects/pod.ts'

const factors: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** A Kubernetes quantity such as `250m` or `64Mi` as a number; NaN when it is none. */
export const quantity = (text: string): number => {
  const [, amount = '', suffix = ''] = /^([0-9.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text) ?? []
  return Number(amount || Number.NaN) * (factors[suffix] ?? Number.NaN)
}

/** What a container without a limit could use at most: the whole machine. */
const machine: Readonly<Record<string, () => number>> = { cpu: availableParallelism, memory: totalmem }

/** The value of a `resourceFieldRef` such as `limits.memory`: rounded up, in units of the divisor. */
export const resourceValue = ({ resources }: Container, resource: string, divisor = '1'): string => {
  const [group = '', name = ''] = resource.split('.')
  const set = resources?.[group as 'limits' | 'requests']?.[name]
  const amount = set === undefined ? (machine[name]?.() ?? 0) : quantity(String(set))
  return String(Math.ceil(amount / (divisor === '0' ? 1 : quantity(divisor))))
}
