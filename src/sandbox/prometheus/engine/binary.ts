import type { Binary, Comparison, Matching, SetOp } from '../promql/ast.ts'
import { isArithmetic, isSetOp } from '../promql/ast.ts'
import { executionError } from '../promql/query-error.ts'
import type { Labels } from '../storage/labels.ts'
import { dropLabels, keepLabels, labelsText, labelValue, metricName, signatureOf, withLabel, withoutMetricName } from '../storage/labels.ts'
import { arithmeticOf, comparisonOf } from './arithmetic.ts'
import type { Semantics } from './semantics.ts'
import type { Sample, Value, Vector } from './value.ts'
import { distinct, scalarValue, vectorValue } from './value.ts'

/** The result of one pair of values: a comparison that does not hold has none, unless it is asked for 0 and 1. */
const combine = ({ op, returnsBool }: Pick<Binary, 'op' | 'returnsBool'>, left: number, right: number): number | undefined => {
  if (isArithmetic(op)) return arithmeticOf[op](left, right)
  const holds = comparisonOf[op as Comparison](left, right)
  if (returnsBool) return holds ? 1 : 0
  return holds ? left : undefined
}

const changesValue = ({ op, returnsBool }: Pick<Binary, 'op' | 'returnsBool'>): boolean => isArithmetic(op) || returnsBool

interface ScalarPart {
  readonly scalar: number
  readonly onLeft: boolean
}

const withScalar = (node: Binary, samples: Vector, { scalar, onLeft }: ScalarPart): Vector => {
  const results = samples.flatMap(({ labels, value }) => {
    const result = onLeft ? combine(node, scalar, value) : combine(node, value, scalar)
    if (result === undefined) return []
    // A comparison filters: what it lets through is the series' own value, on whichever side the scalar stands.
    return [changesValue(node) ? { labels: withoutMetricName(labels), value: result } : { labels, value }]
  })
  return changesValue(node) ? distinct(results) : results
}

type Signature = (labels: Labels) => string

/** What two series must share to match. */
const signatureBy = ({ on, labels }: Matching): Signature => {
  const ignored = new Set([...labels, metricName])
  return own => signatureOf(on ? keepLabels(own, labels) : dropLabels(own, ignored))
}

const groupText = ({ on, labels }: Matching, of: Labels): string =>
  labelsText(on ? keepLabels(of, labels) : dropLabels(of, new Set([...labels, metricName])))

const indexOneSide = (
  side: Vector,
  { matching, name, sign }: { matching: Matching; name: string; sign: Signature },
): Map<string, Sample> => {
  const bySignature = new Map<string, Sample>()
  for (const sample of side) {
    const signature = sign(sample.labels)
    const twin = bySignature.get(signature)
    if (twin) {
      throw executionError(
        `found duplicate series for the match group ${groupText(matching, sample.labels)} on the ${name} hand-side of the operation: ` +
          `[${labelsText(twin.labels)}, ${labelsText(sample.labels)}];many-to-many matching not allowed: matching labels must be unique on one side`,
      )
    }
    bySignature.set(signature, sample)
  }
  return bySignature
}

/** Labels of a result: of the "many" side with what the "one" side lends, or what both sides agree on. */
const resultLabels = (node: Binary, many: Labels, one: Labels): Labels => {
  const { matching } = node
  const own = changesValue(node) ? withoutMetricName(many) : many
  if (matching.many) return matching.include.reduce((labels, name) => withLabel(labels, name, labelValue(one, name)), own)
  return matching.on ? keepLabels(own, matching.labels) : dropLabels(own, matching.labels)
}

/** Refuses a second result where only one is allowed. */
const onceOnly = (matching: Matching): ((signature: string, labels: Labels) => void) => {
  const taken = new Set<string>()
  return (signature, labels) => {
    const key = matching.many ? `${signature}\0${signatureOf(labels)}` : signature
    if (taken.has(key)) {
      throw executionError(
        `multiple matches for labels: ${matching.many ? 'grouping labels must ensure unique matches' : 'many-to-one matching must be explicit (group_left/group_right)'}`,
      )
    }
    taken.add(key)
  }
}

/** A pair's value with the operation's own left side on the left again. */
const combinePair = (node: Binary, many: number, one: number): number | undefined =>
  node.matching.many === 'right' ? combine(node, one, many) : combine(node, many, one)

const matched = ({ node, left, right, semantics }: Operands): Vector => {
  const { matching } = node
  const [manySide, oneSide] = matching.many === 'right' ? [right, left] : [left, right]
  if (manySide.length === 0 || oneSide.length === 0) return []
  const sign = signatureBy(matching)
  const ones = indexOneSide(oneSide, { matching, name: matching.many === 'right' ? 'left' : 'right', sign })
  const claim = onceOnly(matching)
  const results = manySide.flatMap((many): Sample[] => {
    const signature = sign(many.labels)
    const one = ones.get(signature)
    if (!one) return []
    const value = combinePair(node, many.value, one.value)
    const labels = resultLabels(node, many.labels, one.labels)
    if (value !== undefined || semantics.filteredMatchesCount) claim(signature, labels)
    return value === undefined ? [] : [{ labels, value }]
  })
  return distinct(results)
}

type SetFunction = (left: Vector, right: Vector, sign: Signature) => Vector

const signatures = (side: Vector, sign: Signature): ReadonlySet<string> => new Set(side.map(({ labels }) => sign(labels)))

const setFunctions: Readonly<Record<SetOp, SetFunction>> = {
  and: (left, right, sign) => {
    const present = signatures(right, sign)
    return left.filter(({ labels }) => present.has(sign(labels)))
  },
  or: (left, right, sign) => {
    const present = signatures(left, sign)
    return [...left, ...right.filter(({ labels }) => !present.has(sign(labels)))]
  },
  unless: (left, right, sign) => {
    const present = signatures(right, sign)
    return left.filter(({ labels }) => !present.has(sign(labels)))
  },
}

interface Operands {
  readonly node: Binary
  readonly left: Vector
  readonly right: Vector
  readonly semantics: Semantics
}

const ofVectors = (operands: Operands): Vector => {
  const { node, left, right } = operands
  return isSetOp(node.op) ? setFunctions[node.op](left, right, signatureBy(node.matching)) : matched(operands)
}

/** An operation on two evaluated sides, whose types the parser has checked. */
export const binary = (node: Binary, [left, right]: readonly [Value, Value], semantics: Semantics): Value => {
  if (left.type === 'vector' && right.type === 'vector') {
    return vectorValue(ofVectors({ node, left: left.samples, right: right.samples, semantics }))
  }
  if (left.type === 'vector' && right.type === 'scalar') {
    return vectorValue(withScalar(node, left.samples, { scalar: right.value, onLeft: false }))
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    return vectorValue(withScalar(node, right.samples, { scalar: left.value, onLeft: true }))
  }
  if (left.type === 'scalar' && right.type === 'scalar') return scalarValue(combine(node, left.value, right.value) ?? Number.NaN)
  throw new TypeError(`no operation between ${left.type} and ${right.type}`)
}
