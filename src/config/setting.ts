import * as z from 'zod'
import { formatDurationMs, parseDurationMs } from '../duration.ts'

/** What a setting may hold: a name for people, and how its text is read. */
export interface Kind<T> {
  readonly type: string
  readonly schema: z.ZodType<T, string>
}

/** What people need to know of a setting besides its value. */
export interface About {
  /** Name on the command line, without dashes. */
  readonly flag: string
  readonly type: string
  /** As text, the way a user would write it. */
  readonly default: string
  readonly meaning: string
  /** The environment variable that wins over the flag when it is not empty. */
  readonly env?: string
  /** The value is a credential: it appears in no message, log or help text. */
  readonly secret?: boolean
  /** Why a flag of the field has no effect here: it is checked, documented and said so when somebody sets it. */
  readonly unused?: string
}

const abouts = z.registry<About>()

/** One field of a program's configuration: read from text, with a default and a description. */
export const setting = <T>(flag: string, kind: Kind<T>, about: Omit<About, 'flag' | 'type'>): z.ZodPrefault<z.ZodType<T, string>> =>
  kind.schema
    .prefault(about.default)
    .describe(about.meaning)
    .register(abouts, { ...about, flag, type: kind.type })

/** Every setting of a configuration schema by its key, in the order it was written. */
export const settingsOf = (shape: Readonly<Record<string, z.ZodType>>): ReadonlyMap<string, About> =>
  new Map(
    Object.entries(shape).flatMap(([key, schema]) => {
      const about = abouts.get(schema)
      return about ? [[key, about] as const] : []
    }),
  )

/** A schema that reads text by a function; what that throws becomes the message. */
const reading = <T>(expected: string, read: (text: string) => T | undefined): z.ZodType<T, string> =>
  z.string().transform((text, context): T => {
    const value = read(text)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: `expected ${expected}` })
    return z.NEVER
  })

export const text: Kind<string> = { type: 'string', schema: z.string() }

/** A comma list; blanks around its items do not count. */
export const list: Kind<readonly string[]> = {
  type: 'list',
  schema: reading('a comma list', written => {
    const items = written.split(',').map(item => item.trim())
    return items.filter(item => item !== '')
  }),
}

const truth: Readonly<Record<string, boolean>> = Object.fromEntries([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map(word => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map(word => [word, false] as const),
])

/** The words for true and false that Go's flag package takes. */
export const bool: Kind<boolean> = { type: 'bool', schema: reading('true or false', written => truth[written]) }

export const whole = (least: number, most: number): Kind<number> => ({
  type: 'int',
  schema: reading(`a whole number from ${least} to ${most}`, written => {
    const value = /^\d+$/.test(written) ? Number(written) : Number.NaN
    return value >= least && value <= most ? value : undefined
  }),
})

/** The longest delay that a timer takes; a longer one would fire at once. */
const longestDelayMs = 2 ** 31 - 1

/** A duration such as `10s`; its value is milliseconds. */
export const duration = (leastMs: number): Kind<number> => ({
  type: 'duration',
  schema: reading(`a duration such as 30s or 1m30s, at least ${formatDurationMs(leastMs)}`, written => {
    const ms = durationOrUndefined(written)
    return ms !== undefined && ms >= leastMs && ms <= longestDelayMs ? ms : undefined
  }),
})

const durationOrUndefined = (written: string): number | undefined => {
  try {
    return parseDurationMs(written)
  } catch {
    // The caller says what was expected, in the words of the setting.
    return undefined
  }
}

/** One of a few words; `alias` maps other spellings of the field to them. */
export const choice = <const W extends string>(words: readonly W[], alias: Readonly<Record<string, W>> = {}): Kind<W> => ({
  type: 'string',
  schema: reading(`one of ${words.join(', ')}`, written => words.find(word => word === written) ?? alias[written]),
})

/** An absolute http or https address, or nothing when `optional`. */
export const address = ({ optional }: { readonly optional: boolean }): Kind<string> => ({
  type: 'url',
  schema: reading('an address such as http://host:9090', written => {
    if (written === '') return optional ? written : undefined
    return isHttpAddress(written) ? written : undefined
  }),
})

const isHttpAddress = (written: string): boolean => URL.canParse(written) && ['http:', 'https:'].includes(new URL(written).protocol)

/** A JavaScript regular expression; empty means none. */
export const pattern: Kind<RegExp | undefined> = {
  type: 'regexp',
  schema: z.string().transform((written, context) => {
    if (written === '') return undefined
    try {
      return new RegExp(written)
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a regular expression' })
      return z.NEVER
    }
  }),
}
