/** What a request is about, read from its method and path alone. */
export interface RequestInfo {
  /** get, list, watch, create, update, patch, delete or deletecollection; for paths that are no resource the lower-case method. */
  readonly verb: string
  readonly path: string
  readonly query: URLSearchParams
  /** Absent for discovery, health and other paths that are no resource. */
  readonly resource?: ResourcePath
}

export interface ResourcePath {
  readonly group: string
  readonly version: string
  readonly plural: string
  /** '' for all namespaces and for kinds without them. */
  readonly namespace: string
  readonly name: string
  readonly subresource: string
}

/** `/api/v1/watch/...`: how watches were once asked for, and still may be. */
const watchPath = /^\/(api|apis\/[^/]+)\/[^/]+\/watch\//

const namespaceDoors = ['status', 'finalize']

const partsBelow = (parts: readonly string[]): { namespace: string; rest: readonly string[] } => {
  const [first, namespace, third] = parts
  if (first !== 'namespaces' || namespace === undefined || third === undefined || namespaceDoors.includes(third))
    return { namespace: '', rest: parts }
  return { namespace, rest: parts.slice(2) }
}

/** The resource a path names; undefined for all other paths. */
const resourcePath = (path: string): ResourcePath | undefined => {
  const parts = path
    .split('/')
    .filter(part => part !== '')
    .map(decodeURIComponent)
  const core = parts[0] === 'api'
  if (!core && parts[0] !== 'apis') return undefined
  const group = core ? '' : (parts[1] ?? '')
  const version = parts[core ? 1 : 2]
  const below = parts.slice(core ? 2 : 3)
  const { namespace, rest } = partsBelow(watchPath.test(path) ? below.slice(1) : below)
  const [plural, name = '', ...door] = rest
  if (version === undefined || plural === undefined) return undefined
  return { group, version, plural, namespace, name, subresource: door.join('/') }
}

const verbs: Readonly<Record<string, readonly [one: string, many: string]>> = {
  GET: ['get', 'list'],
  HEAD: ['get', 'list'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['delete', 'deletecollection'],
}

const isTrue = (text: string | null): boolean => text === 'true' || text === '1' || text === ''

/** Reads method and URL. A URL that cannot be decoded names nothing. */
export const requestInfoOf = (method: string, url: string): RequestInfo => {
  const { pathname: path, searchParams: query } = new URL(url, 'http://server')
  const resource = resourcePath(path)
  if (!resource) return { verb: method.toLowerCase(), path, query }
  const [one = method.toLowerCase(), many = one] = verbs[method] ?? []
  const plain = resource.name === '' ? many : one
  const asksToWatch = (plain === 'list' || plain === 'get') && query.has('watch') && isTrue(query.get('watch'))
  const watching = asksToWatch || (method === 'GET' && watchPath.test(path))
  return { verb: watching ? 'watch' : plain, path, query, resource }
}
