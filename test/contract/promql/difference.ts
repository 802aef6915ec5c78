import * as z from 'zod'
import type { ApiAnswer } from './both.ts'

const Point = z.tuple([z.number(), z.string()])
const Series = z.object({
  metric: z.record(z.string(), z.string()),
  value: Point.optional(),
  values: z.array(Point).optional(),
})
const Plain = z.object({ resultType: z.enum(['scalar', 'string']), result: Point })
const Listed = z.object({ resultType: z.enum(['vector', 'matrix']), result: z.array(Series) })
const Body = z.object({ status: z.literal('success'), data: z.discriminatedUnion('resultType', [Plain, Listed]) })

type Point = z.infer<typeof Point>

/** An answer as points by series: of a refusal only that it is one, and of which kind. */
type Points = ReadonlyMap<string, readonly Point[]>

const nameOf = (metric: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1)))

const pointsOf = ({ status, body }: ApiAnswer): Points => {
  if (status !== 200) return new Map([[`refused with ${status}`, []]])
  const { data } = Body.parse(body)
  const listed = Listed.safeParse(data)
  if (!listed.success) return new Map([[data.resultType, [Plain.parse(data).result]]])
  return new Map(
    listed.data.result.map(({ metric, value, values = [] }) => [`${data.resultType} ${nameOf(metric)}`, value ? [value] : values] as const),
  )
}

/** Sums of floating point numbers differ in their last digits with the order of the series, which nobody promises. */
const tolerance = 1e-9

const isSame = ([time, text]: Point, [otherTime, other]: Point): boolean => {
  if (time !== otherTime) return false
  if (text === other) return true
  const [a, b] = [Number(text), Number(other)]
  // equal numbers have to be written the same way, too
  return a !== b && Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b))
}

const areSame = (some: readonly Point[], others: readonly Point[] | undefined): boolean =>
  others !== undefined && some.length === others.length && some.every((point, at) => isSame(point, others[at] ?? [0, '']))

const textOf = (points: Points): string => JSON.stringify(Object.fromEntries(points)).slice(0, 600)

/** What two answers differ in, in words; undefined when they say the same. */
export const differenceBetween = (real: ApiAnswer, embedded: ApiAnswer): string | undefined => {
  const [one, other] = [pointsOf(real), pointsOf(embedded)]
  if (one.size === other.size && [...one].every(([series, points]) => areSame(points, other.get(series)))) return undefined
  return `real ${textOf(one)}, embedded ${textOf(other)}${embedded.status === 200 ? '' : ` ${JSON.stringify(embedded.body)}`}`
}
