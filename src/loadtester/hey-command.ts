import * as z from 'zod'
import { readCommandLine } from '../config/command-line.ts'
import { bool, choice, duration, text, whole } from '../config/setting.ts'
import type { LoadPlan } from './load-generator.ts'

/** A hey command line as the embedded load generator understands it, or why it does not. `bodyFile` is read when the load starts. */
export type HeyCommand =
  | { readonly ok: true; readonly plan: LoadPlan; readonly bodyFile: string; readonly notes: readonly string[] }
  | { readonly ok: false; readonly reason: string }

const most = 1_000_000_000
const rate = z.string().transform((written, context) => {
  const value = Number(written)
  if (written !== '' && Number.isFinite(value) && value >= 0) return value
  context.addIssue({ code: 'custom', message: 'expected a number of requests a second' })
  return z.NEVER
})

/** The options of hey 0.1.4 by name, with hey's defaults; those it repeats (`-H`) hold one value a line. */
const options = {
  n: whole(1, most).schema.prefault('200'),
  c: whole(1, 10_000).schema.prefault('50'),
  q: rate.prefault('0'),
  z: duration(0).schema.prefault('0s'),
  m: text.schema.prefault('GET'),
  t: whole(0, most).schema.prefault('20'),
  d: text.schema.prefault(''),
  D: text.schema.prefault(''),
  T: text.schema.prefault('text/html'),
  A: text.schema.prefault(''),
  U: text.schema.prefault(''),
  a: text.schema.prefault(''),
  host: text.schema.prefault(''),
  o: choice(['', 'csv']).schema.prefault(''),
  cpus: text.schema.prefault(''),
  'disable-compression': bool.schema.prefault('false'),
  'disable-keepalive': bool.schema.prefault('false'),
  'disable-redirects': bool.schema.prefault('false'),
}
const HeyOptions = z.object(options)
type HeyOptions = z.output<typeof HeyOptions>

/** What the embedded generator cannot do, and says so rather than send another load than asked for. */
const unsupported: Readonly<Record<string, string>> = {
  h2: 'HTTP/2 (-h2) is not supported by the embedded load generator; install hey on PATH, or leave -h2 out to test over HTTP/1.1',
  x: 'a proxy (-x) is not supported by the embedded load generator; install hey on PATH',
}

const kindOf = (flag: string): 'switch' | 'value' | undefined => {
  if (flag === 'h2' || flag.startsWith('disable-')) return flag === 'h2' || flag in options ? 'switch' : undefined
  return flag in options || flag in unsupported || flag === 'H' ? 'value' : undefined
}

const refuse = (reason: string): HeyCommand => ({ ok: false, reason: `hey: ${reason}` })

/** Reads the words after `hey`. Source: https://github.com/rakyll/hey#usage */
export const readHeyCommand = (words: readonly string[]): HeyCommand => {
  const line = readCommandLine(words, kindOf)
  if (!line.ok) return refuse(line.reason)
  const cannot = line.flags.map(([flag]) => unsupported[flag]).find(reason => reason !== undefined)
  if (cannot !== undefined) return refuse(cannot)
  const parsed = HeyOptions.safeParse(Object.fromEntries(line.flags.filter(([flag]) => flag !== 'H')))
  if (!parsed.success) return refuse(parsed.error.issues.map(issue => `-${String(issue.path[0])}: ${issue.message}`).join('; '))
  const [url, ...ignored] = line.rest
  if (url === undefined || !isHttpUrl(url))
    return refuse(`expected one http or https URL after the options, got ${JSON.stringify(url ?? '')}`)
  const headers = headersOf(
    parsed.data,
    line.flags.flatMap(([flag, value]) => (flag === 'H' ? [value] : [])),
  )
  if (typeof headers === 'string') return refuse(headers)
  return commandOf(parsed.data, { url, headers, ignored })
}

const isHttpUrl = (written: string): boolean => URL.canParse(written) && /^https?:$/.test(new URL(written).protocol)

const commandOf = (
  given: HeyOptions,
  {
    url,
    headers,
    ignored,
  }: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly ignored: readonly string[] },
): HeyCommand => {
  const timed = given.z > 0
  if (!timed && given.n < given.c) return refuse(`-n (${given.n}) cannot be less than -c (${given.c})`)
  const plan: LoadPlan = {
    url,
    headers,
    method: given.m.toUpperCase(),
    concurrency: given.c,
    timeoutMs: given.t * 1000,
    keepAlive: !given['disable-keepalive'],
    followRedirects: !given['disable-redirects'],
    ...(given.d === '' ? {} : { body: given.d }),
    ...(given.q === 0 ? {} : { ratePerWorker: given.q }),
    ...(timed ? { durationMs: given.z } : { requests: given.n }),
  }
  return { ok: true, plan, bodyFile: given.D, notes: notesOn(given, ignored) }
}

const notesOn = (given: HeyOptions, ignored: readonly string[]): readonly string[] => [
  ...(given.o === 'csv' ? ['-o csv: the embedded load generator prints the summary only'] : []),
  ...(ignored.length === 0 ? [] : [`ignored, as hey does, because it stands after the URL: ${ignored.join(' ')}`]),
]

const headerShape = /^([\w-]+):\s*(.+)$/s
const credentialsShape = /^(.+):([^\s].*)$/s
const agentName = 'hey/0.0.1'

/** The headers of each request, lower case, or what is wrong with them. */
const headersOf = (given: HeyOptions, repeated: readonly string[]): Readonly<Record<string, string>> | string => {
  const malformed = repeated.find(written => !headerShape.test(written))
  if (malformed !== undefined) return `-H: expected "Name: value", got ${JSON.stringify(malformed)}`
  if (given.a !== '' && !credentialsShape.test(given.a)) return '-a: expected user:password'
  const named = Object.fromEntries(repeated.map(written => namedHeader(written)))
  return {
    'content-type': given.T,
    ...(given['disable-compression'] ? {} : { 'accept-encoding': 'gzip' }),
    ...named,
    ...(given.a === '' ? {} : { authorization: `Basic ${Buffer.from(given.a).toString('base64')}` }),
    ...(given.A === '' ? {} : { accept: given.A }),
    ...(given.host === '' ? {} : { host: given.host }),
    'user-agent': [given.U || named['user-agent'], agentName].filter(Boolean).join(' '),
  }
}

const namedHeader = (written: string): readonly [string, string] => {
  const [, name = '', value = ''] = headerShape.exec(written) ?? []
  return [name.toLowerCase(), value]
}
