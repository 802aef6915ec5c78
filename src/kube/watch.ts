import type { KindRef } from '../api/object.ts'
import type { Io } from '../io.ts'
import { asObject, parseJson } from './answer.ts'
import { errorOfAnswer, KubeError, labelText, type RequestLabel, unreachable } from './errors.ts'
import type { WatchEvent, WatchOptions } from './kube-api.ts'
import { collectionPath, queryText } from './resource-path.ts'
import type { HttpStream, Transport } from './transport.ts'
import { linesOf } from './watch-lines.ts'

export interface WatchCall {
  readonly transport: Transport
  readonly kind: KindRef
  readonly wanted: WatchOptions
  readonly label: RequestLabel
}

/** From sending until the headers: the server sends them as soon as the watch stands. */
const headersDeadlineMs = 30_000
const metadataAccept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'
const maxFailedAnswerBytes = 64 * 1024

const watchQuery = ({ labelSelector, fieldSelector, resourceVersion, timeoutSeconds }: WatchOptions): string =>
  queryText({ watch: true, allowWatchBookmarks: true, labelSelector, fieldSelector, resourceVersion, timeoutSeconds })

/** The lines of a watch as they come. Leaving the loop early closes the socket; so does `io.signal`. */
export async function* openWatch({ transport, kind, wanted, label }: WatchCall, io: Io): AsyncGenerator<WatchEvent> {
  const path = collectionPath(kind, wanted.namespace) + watchQuery(wanted)
  const headers = { accept: wanted.metadataOnly ? metadataAccept : 'application/json' }
  const stream = await transport.stream({ label, method: 'GET', path, headers, deadlineMs: headersDeadlineMs }, io)
  try {
    if (stream.status !== 200) throw errorOfAnswer(label, await wholeAnswer(stream), transport.serverNowMs())
    wanted.onContact?.()
    for await (const line of linesOf(heard(stream.chunks, wanted.onContact), label))
      yield asEvent(parseJson(line, label), { kind, wanted, label })
  } catch (error) {
    throw error instanceof KubeError ? error : unreachable(label, error, true)
  } finally {
    stream.close()
  }
}

/** Passes chunks on and tells of each. */
async function* heard(chunks: AsyncIterable<Buffer>, onContact: (() => void) | undefined): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onContact?.()
    yield chunk
  }
}

const wholeAnswer = async ({ status, headers, chunks }: HttpStream) => {
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    size += chunk.length
    if (size > maxFailedAnswerBytes) break // enough to say what went wrong
  }
  return { status, headers, body: Buffer.concat(parts).toString('utf8') }
}

const eventTypes: ReadonlySet<string> = new Set<WatchEvent['type']>(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'])
const isEventType = (type: unknown): type is WatchEvent['type'] => typeof type === 'string' && eventTypes.has(type)

const asEvent = (line: unknown, { kind, wanted, label }: Omit<WatchCall, 'transport'>): WatchEvent => {
  const { type, object } = (line ?? {}) as { type?: unknown; object?: unknown }
  if (!isEventType(type))
    throw new KubeError('ServerError', `${labelText(label)}: expected a watch event, got type ${JSON.stringify(type)}`)
  if (type === 'ERROR')
    return { type, object: { apiVersion: 'v1', kind: 'Status', metadata: { name: '' }, ...(object as object | undefined) } }
  return { type, object: asObject(object, kind, wanted.metadataOnly) }
}
