import * as z from 'zod'

/** Absent and null are both nothing said, as in the field. */
const text = z
  .string()
  .nullish()
  .transform(value => value ?? '')

/** What a webhook of a canary sends. Only `metadata` decides what a task does; the rest says for whom. */
export const Payload = z.object({
  name: text,
  namespace: text,
  phase: text,
  checksum: text,
  metadata: z
    .record(z.string(), z.string())
    .nullish()
    .transform(value => value ?? {}),
})
export type Payload = z.output<typeof Payload>

/** The payload in a request body; undefined when it is not JSON or has another shape. */
export const readPayload = (body: string): Payload | undefined => {
  try {
    return Payload.safeParse(JSON.parse(body)).data
  } catch {
    // The answer is 400 for every body that cannot be read, as in the field.
    return undefined
  }
}

/** How a canary is named in logs. */
export const canaryOf = ({ name, namespace }: Payload): string => `${name}.${namespace}`

const yes = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])

/** Whether a metadata value says yes; anything that is no boolean says no. */
export const isYes = (value: string | undefined): boolean => value !== undefined && yes.has(value)
