import type { KindRef, KubeObject, ObjectKey } from '../api/object.ts'
import type { Io } from '../io.ts'
import { asListPage, asObject, parseJson } from './answer.ts'
import type { Random } from './backoff.ts'
import { errorOfAnswer, isKubeError, KubeError, type RequestLabel } from './errors.ts'
import type { HttpAnswer } from './exchange.ts'
import { type Fence, openFence } from './fence.ts'
import { goJson } from './go-json.ts'
import { type KubeApi, type ListOptions, fieldManager as ourFieldManager, type Patch } from './kube-api.ts'
import { collectionPath, objectPath, queryText } from './resource-path.ts'
import { retrying } from './retry.ts'
import type { HttpRequest, Transport } from './transport.ts'
import { openWatch } from './watch.ts'

export interface KubeApiOptions {
  readonly transport: Transport
  /** Asked where each write leaves; open when absent. The leader election itself writes through an API without a fence. */
  readonly fence?: Fence
  readonly random?: Random
  /** Under which name the server records who owns which fields; ours when absent. */
  readonly fieldManager?: string
  /** For one call with its repetitions, in milliseconds. */
  readonly deadlineMs?: number
}

const defaultDeadlineMs = 30_000
/** A hanging attempt leaves time for another one. */
const attemptDeadlineMs = 15_000

/** `Secret` answers and refusals may quote values: keep the server's words about them out of our messages. */
const labelOf = (verb: string, kind: KindRef, key?: Partial<ObjectKey>): RequestLabel => ({
  verb,
  resource: kind.plural,
  name: [key?.namespace, key?.name].filter(Boolean).join('/'),
  secret: kind.kind === 'Secret',
})

const metadataListAccept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'
const jsonType = 'application/json'
const patchTypes: Readonly<Record<Patch['type'], string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
}

const listQuery = ({ labelSelector, fieldSelector, limit, continue: token, resourceVersion }: ListOptions): string =>
  queryText({ labelSelector, fieldSelector, limit, continue: token || undefined, resourceVersion: resourceVersion || undefined })

/** A patch that says which version it expects can be sent twice: the second one meets a conflict instead of doing harm. */
const patchIsRepeatable = ({ type, body }: Patch): boolean =>
  type === 'json'
    ? body.some(operation => operation['op'] === 'test')
    : (body['metadata'] as { resourceVersion?: unknown } | undefined)?.resourceVersion !== undefined

/**
 * The server answers a failed `test` with 422 and names no field, where a refused object has them named. For us it is what a version
 * mismatch is: somebody was faster, look again.
 */
const testFailedIsConflict = (patch: Patch) => (error: unknown) => {
  const isFailedTest = patch.type === 'json' && patchIsRepeatable(patch) && isKubeError(error, 'Invalid') && error.fields.length === 0
  throw isFailedTest ? new KubeError('Conflict', error.message, { httpStatus: 422, reason: error.reason, cause: error }) : error
}

/**
 * Caches hold only some of the field owners, and a server takes the list of an update for the whole truth: everybody else would lose what
 * they own. Without a list it keeps its own.
 */
const withoutOwners = ({ metadata: { managedFields: _, ...metadata }, ...object }: KubeObject): Omit<KubeObject, 'metadata'> => ({
  ...object,
  metadata,
})

type Call = Omit<HttpRequest, 'deadlineMs' | 'fence' | 'body'> & { readonly body?: unknown; readonly repeatable: boolean }

/** The Kubernetes API over HTTP. Whoever makes the transport closes it. */
export const createKubeApi = (options: KubeApiOptions): KubeApi => {
  const { transport, fence = openFence, random = Math.random, deadlineMs = defaultDeadlineMs, fieldManager = ourFieldManager } = options
  const applyQuery = queryText({ fieldManager, force: true })
  const writeQuery = queryText({ fieldManager })

  const send = async ({ body, repeatable, ...call }: Call, io: Io): Promise<HttpAnswer> => {
    const guard = call.method === 'GET' ? openFence : fence
    const text = body === undefined ? {} : { body: call.method === 'POST' ? goJson(body) : JSON.stringify(body) }
    return retrying({ deadlineMs, repeatable, random }, io, async leftMs => {
      const answer = await transport.request({ ...call, ...text, fence: guard, deadlineMs: Math.min(attemptDeadlineMs, leftMs) }, io)
      if (answer.status < 200 || answer.status > 299) throw errorOfAnswer(call.label, answer, transport.serverNowMs())
      return answer
    })
  }

  const sendForObject = async (kind: KindRef, call: Call, io: Io): Promise<KubeObject> =>
    asObject(parseJson((await send(call, io)).body, call.label), kind)

  return {
    get: async (kind, key, io) => {
      try {
        return await sendForObject(
          kind,
          { label: labelOf('get', kind, key), method: 'GET', path: objectPath(kind, key), repeatable: true },
          io,
        )
      } catch (error) {
        if (isKubeError(error, 'NotFound')) return undefined
        throw error
      }
    },

    list: async (kind, wanted, io) => {
      const label = labelOf('list', kind, { namespace: wanted.namespace ?? '' })
      const path = collectionPath(kind, wanted.namespace) + listQuery(wanted)
      const headers = { accept: wanted.metadataOnly ? metadataListAccept : jsonType }
      const { body } = await send({ label, method: 'GET', path, headers, repeatable: true }, io)
      return asListPage(parseJson(body, label), kind, wanted.metadataOnly)
    },

    watch: (kind, wanted, io) =>
      openWatch({ transport, kind, wanted, label: labelOf('watch', kind, { namespace: wanted.namespace ?? '' }) }, io),

    create: async (kind, manifest, io) => {
      const label = labelOf('create', kind, manifest.metadata)
      const path = collectionPath(kind, manifest.metadata.namespace) + writeQuery
      return sendForObject(
        kind,
        { label, method: 'POST', path, headers: { 'content-type': jsonType }, body: manifest, repeatable: false },
        io,
      )
    },

    apply: async (kind, manifest, io) => {
      const { namespace = '', name } = manifest.metadata
      const label = labelOf('apply', kind, manifest.metadata)
      const path = objectPath(kind, { namespace, name }) + applyQuery
      const headers = { 'content-type': 'application/apply-patch+yaml' } // JSON is YAML
      return sendForObject(kind, { label, method: 'PATCH', path, headers, body: manifest, repeatable: true }, io)
    },

    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    patch: async (kind, key, patch, io) => {
      const door = patch.type === 'merge' && patch.subresource ? `/${patch.subresource}` : ''
      const path = objectPath(kind, key) + door + writeQuery
      const headers = { 'content-type': patchTypes[patch.type] }
      const repeatable = patchIsRepeatable(patch)
      const call: Call = { label: labelOf('patch', kind, key), method: 'PATCH', path, headers, body: patch.body, repeatable }
      return sendForObject(kind, call, io).catch(testFailedIsConflict(patch))
    },

    updateStatus: async (kind, object, io) => {
      const { namespace = '', name, resourceVersion } = object.metadata
      const label = labelOf('update-status', kind, object.metadata)
      const path = `${objectPath(kind, { namespace, name })}/status${writeQuery}`
      const headers = { 'content-type': jsonType }
      const body = withoutOwners(object)
      return sendForObject(kind, { label, method: 'PUT', path, headers, body, repeatable: resourceVersion !== undefined }, io)
    },

    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    delete: async (kind, key, { gracePeriodSeconds, ...preconditions }, io) => {
      const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions, ...grace }
      const repeatable = preconditions.uid !== undefined || preconditions.resourceVersion !== undefined
      const headers = { 'content-type': jsonType }
      try {
        await send({ label: labelOf('delete', kind, key), method: 'DELETE', path: objectPath(kind, key), headers, body, repeatable }, io)
      } catch (error) {
        if (!isKubeError(error, 'NotFound')) throw error // gone is what was asked for, also when a repeated attempt finds it gone
      }
    },

    serverNowMs: () => transport.serverNowMs(),
  }
}
