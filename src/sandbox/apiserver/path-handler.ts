import { aggregatedDiscovery, aggregatedType, coreVersions, groupList, oneGroup, resourceList, wantsAggregated } from './discovery.ts'
import { type Answer, jsonAnswer, textAnswer } from './http-exchange.ts'
import type { Kernel } from './kernel.ts'
import { documentIndex, openApi2Document, openApiDocument } from './openapi.ts'
import { noSuchPath } from './status.ts'

/** The version of Kubernetes whose behaviour is followed. */
const serverVersion = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3+serin',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: `${process.platform}/${process.arch}`,
}

export interface PathRequest {
  readonly path: string
  readonly accept: string
  /** `host:port` under which the client reached us. */
  readonly address: string
}

const found = (value: unknown): Answer => {
  if (value === undefined) throw noSuchPath()
  return jsonAnswer(200, value)
}

const aggregated = (kernel: Kernel, core: boolean): Answer => ({
  ...jsonAnswer(200, aggregatedDiscovery(kernel.catalogue, core)),
  type: aggregatedType,
})

const fixedPaths: Readonly<Record<string, (kernel: Kernel, request: PathRequest) => Answer>> = {
  '/healthz': () => textAnswer('ok'),
  '/readyz': () => textAnswer('ok'),
  '/livez': () => textAnswer('ok'),
  '/version': () => jsonAnswer(200, serverVersion),
  '/api': (kernel, { accept, address }) => (wantsAggregated(accept) ? aggregated(kernel, true) : jsonAnswer(200, coreVersions(address))),
  '/apis': ({ catalogue, ...kernel }, { accept }) =>
    wantsAggregated(accept) ? aggregated({ ...kernel, catalogue }, false) : jsonAnswer(200, groupList(catalogue)),
  '/openapi/v2': ({ catalogue }) => jsonAnswer(200, openApi2Document(catalogue)),
  '/openapi/v3': ({ catalogue }) => jsonAnswer(200, documentIndex(catalogue)),
}

const discoveryAt = ({ catalogue }: Kernel, path: string): Answer => {
  const [root, first = '', second, ...rest] = path.split('/').filter(part => part !== '')
  if (rest.length > 0 || first === '') throw noSuchPath()
  if (root === 'api') return found(second === undefined ? resourceList(catalogue, '', first) : undefined)
  if (root === 'apis') return found(second === undefined ? oneGroup(catalogue, first) : resourceList(catalogue, first, second))
  throw noSuchPath()
}

/** Answers what is no resource: health, version, discovery, documents. @throws {StatusError} 404 */
export const handlePath = (kernel: Kernel, request: PathRequest): Answer => {
  const path = request.path.length > 1 ? request.path.replace(/\/+$/, '') : request.path
  const fixed = fixedPaths[path]
  if (fixed) return fixed(kernel, request)
  if (path.startsWith('/openapi/v3/')) return found(openApiDocument(kernel.catalogue, path.slice('/openapi/v3/'.length)))
  return discoveryAt(kernel, path)
}
