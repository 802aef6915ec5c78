import type { IncomingMessage, ServerResponse } from 'node:http'
import { parse as parseYaml } from 'yaml'
import { typeOfKind } from './builtin-resources.ts'
import { syntaxWords } from './go-words.ts'
import { WireInvalid } from './protobuf.ts'
import { protobufObject, protobufType } from './protobuf-objects.ts'
import { groupVersionOf } from './resource.ts'
import { PageNotFound, type StatusError, tooLarge, unsupportedMediaType } from './status.ts'

const bodyLimitBytes = 3 * 1024 * 1024

/** The whole request body. @throws {StatusError} 413 when it is longer than the limit */
const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyLimitBytes) throw tooLarge(bodyLimitBytes)
    chunks.push(chunk)
  }
  const [first] = chunks
  return chunks.length === 1 && first ? first : Buffer.concat(chunks)
}

const parseText = (text: string, yaml: boolean): unknown => {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    if (yaml) return parseYaml(text)
    throw thrown
  }
}

const jsonTypes = [
  'application/json',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  '',
]
const acceptedTypes = ['application/json', 'application/yaml', protobufType]
const yamlTypes = ['application/yaml', 'application/apply-patch+yaml']

const typeNamed = (apiVersion: string, kind: string): string | undefined => typeOfKind(groupVersionOf(apiVersion).group, kind)

/** Media type of the body without its parameters. */
export const mediaTypeOf = (request: IncomingMessage): string => (request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''

/** What a body says, and the JSON in which it says so; no text when it is none. */
export interface Body {
  readonly value: unknown
  readonly json: string
}

/**
 * The body as a value; undefined when there is none.
 * @param misread what to throw about a text that cannot be parsed
 * @throws {StatusError} 413, 415 (protobuf of kinds that are not built in, among others)
 */
export const bodyValue = async (request: IncomingMessage, misread: (words: string, text: string) => StatusError): Promise<Body> => {
  const body = await readBody(request)
  if (body.length === 0) return { value: undefined, json: '' }
  const type = mediaTypeOf(request)
  const yaml = yamlTypes.includes(type)
  if (![...jsonTypes, ...yamlTypes, protobufType].includes(type)) throw unsupportedMediaType(acceptedTypes)
  try {
    if (type === protobufType) return { value: protobufObject(body, typeNamed), json: '' }
    const text = body.toString('utf8')
    return { value: parseText(text, yaml), json: yaml ? '' : text }
  } catch (thrown) {
    if (thrown instanceof WireInvalid) throw unsupportedMediaType(acceptedTypes)
    const text = body.toString('utf8')
    throw misread(syntaxWords(text, thrown), text)
  }
}

/** One answer. */
export interface Answer {
  readonly code: number
  readonly text: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

export const jsonAnswer = (code: number, value: unknown): Answer => ({ code, text: JSON.stringify(value) })

export const textAnswer = (text: string): Answer => ({ code: 200, text, type: 'text/plain; charset=utf-8' })

export const errorAnswer = (error: StatusError): Answer => {
  const { status } = error
  if (error instanceof PageNotFound) return { ...textAnswer(error.message), code: 404 }
  const wait = status.details?.retryAfterSeconds
  return { ...jsonAnswer(status.code ?? 500, status), ...(wait === undefined ? {} : { headers: { 'retry-after': String(wait) } }) }
}

/** The date as HTTP writes it, from the server's own clock: clients take their time from it. */
export const httpDate = (nowMs: number): string => new Date(nowMs).toUTCString()

/** Writes an answer and ends the exchange. */
export const send = (response: ServerResponse, { code, text, type = 'application/json', headers = {} }: Answer, nowMs: number): void => {
  if (response.headersSent || response.destroyed) return
  const body = Buffer.from(text)
  response.writeHead(code, {
    'content-type': type,
    'content-length': body.length,
    date: httpDate(nowMs),
    'cache-control': 'no-cache, private',
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
