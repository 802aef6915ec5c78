import type { RouteMatch, ValueMatch } from '../objects/gateway-api.ts'

/** What of a request decides where it goes. */
export interface RequestFacts {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** All values of a header in one text, joined as HTTP allows; undefined when it is absent. Names in lower case. */
  header(name: string): string | undefined
}

export type MatchTest = (request: RequestFacts) => boolean

/** A match ready for use. */
export interface CompiledMatch {
  readonly test: MatchTest
  /** The part of the path that a prefix rewrite replaces. */
  readonly prefix: string
  /** Compared number by number, larger first: a more specific match wins over a less specific one. */
  readonly rank: readonly number[]
}

/** A match asks for something that this data plane does not know. The message says what. */
export class UnsupportedMatch extends Error {}

const regularExpression = (text: string): RegExp => {
  try {
    return new RegExp(`^(?:${text})$`)
  } catch (cause) {
    throw new UnsupportedMatch(`${JSON.stringify(text)} is not a regular expression`, { cause })
  }
}

const withoutFinalSlash = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path)

/** By whole path elements: `/a` means `/a` and `/a/b`, not `/ab`. */
export const hasPrefix = (path: string, prefix: string): boolean => {
  const wanted = withoutFinalSlash(prefix)
  return wanted === '/' || path === wanted || path.startsWith(`${wanted}/`)
}

interface PathTest {
  readonly test: (path: string) => boolean
  readonly rank: number
}

const pathTests: Readonly<Record<string, (value: string) => PathTest>> = {
  Exact: value => ({ test: path => path === value, rank: 2 }),
  RegularExpression: value => {
    const pattern = regularExpression(value)
    return { test: path => pattern.test(path), rank: 1 }
  },
  PathPrefix: value => ({ test: path => hasPrefix(path, value), rank: 0 }),
}

const valueTest = ({ type, value }: ValueMatch): ((found: string) => boolean) => {
  if (type === 'Exact') return found => found === value
  if (type !== 'RegularExpression') throw new UnsupportedMatch(`matches of type ${JSON.stringify(type)} are not supported`)
  const pattern = regularExpression(value)
  return found => pattern.test(found)
}

const headerTest = (match: ValueMatch): MatchTest => {
  const name = match.name.toLowerCase()
  const fits = valueTest(match)
  return request => {
    const found = request.header(name)
    return found !== undefined && fits(found)
  }
}

const queryTest = (match: ValueMatch): MatchTest => {
  const fits = valueTest(match)
  return ({ query }) => {
    const found = query.get(match.name)
    return found !== null && fits(found)
  }
}

/** @throws {UnsupportedMatch} it asks for a type that is not known, or its expression is none */
export const compileMatch = ({ path, headers, queryParams, method }: RouteMatch): CompiledMatch => {
  const pathOf = pathTests[path.type]
  if (!pathOf) throw new UnsupportedMatch(`path matches of type ${JSON.stringify(path.type)} are not supported`)
  const { test: pathFits, rank } = pathOf(path.value)
  const tests = [...(headers ?? []).map(headerTest), ...(queryParams ?? []).map(queryTest)]
  return {
    test: request => pathFits(request.path) && (method === undefined || method === request.method) && tests.every(test => test(request)),
    prefix: path.type === 'PathPrefix' ? path.value : '',
    rank: [rank, path.value.length, method === undefined ? 0 : 1, headers?.length ?? 0, queryParams?.length ?? 0],
  }
}
