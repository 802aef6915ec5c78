/** A decimal number without rounding: `digits * 10^exponent`. */
interface Exact {
  readonly digits: bigint
  readonly exponent: number
}

const quantity = /^([+-]?)(\d+)?(?:\.(\d*))?(?:[eE]([+-]?\d{1,3})|(n|u|m|k|M|G|T|P|E|[KMGTPE]i))?$/

const decimalExponents: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binarySteps = 'KMGTPE'

const parse = (text: string): Exact | undefined => {
  const match = quantity.exec(text)
  if (!match) return undefined
  const [, sign = '', whole = '', fraction = '', exponent, suffix = ''] = match
  if (whole + fraction === '') return undefined
  const digits = BigInt(`${sign}${whole}${fraction}`)
  return {
    digits: digits * (suffix.endsWith('i') ? 1024n ** BigInt(binarySteps.indexOf(suffix.charAt(0)) + 1) : 1n),
    exponent: Number(exponent ?? decimalExponents[suffix] ?? 0) - fraction.length,
  }
}

const scaledTo = ({ digits, exponent }: Exact, common: number): bigint => digits * 10n ** BigInt(exponent - common)

/** Whether two quantities of Kubernetes are the same amount: `0.5` and `500m`, `1Gi` and `1073741824`. What is no quantity equals only itself. */
export const sameQuantity = (a: string | number, b: string | number): boolean => {
  const left = parse(String(a))
  const right = parse(String(b))
  if (!left || !right) return a === b
  const common = Math.min(left.exponent, right.exponent)
  return scaledTo(left, common) === scaledTo(right, common)
}
