import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { loopbackCert, loopbackKey } from '../../test/support/loopback-tls.ts'
import { answer } from '../answers.ts'
import { createScriptedObjects, type ScriptedObjects } from './scripted-objects.ts'

/*
 * An API server that does nothing but send prepared texts over TLS, so that the client is what is measured. It serves Deployments: lists in
 * pages, one object, and watches that speak only when a storm is asked for.
 */

export interface ScriptedServerQuestions {
  /** Address on loopback, with so many objects behind it. */
  serve(options: { readonly objects: number; readonly metadataOnly: boolean }): Promise<string>
  /** Changes objects one after the other, so many times in all, as fast as the watch takes it; answers with the bytes sent. */
  storm(options: { readonly events: number }): Promise<number>
  /** TLS handshakes and requests so far. */
  counted(): { readonly handshakes: number; readonly requests: number }
}

const counts = { handshakes: 0, requests: 0 }
const watches = new Set<ServerResponse>()
const watched = Promise.withResolvers<void>()
/** So many events leave in one write, as a busy server's buffer makes of them. */
const burst = 32

const listText = (objects: ScriptedObjects, { searchParams }: URL): string => {
  const from = Number(searchParams.get('continue') ?? 0)
  const to = Math.min(objects.count, from + Number(searchParams.get('limit') ?? objects.count))
  const items = Array.from({ length: to - from }, (_, offset) => objects.text(from + offset))
  const metadata = { resourceVersion: String(objects.version()), ...(to < objects.count ? { continue: String(to) } : {}) }
  return `{"kind":"List","apiVersion":"apps/v1","metadata":${JSON.stringify(metadata)},"items":[${items.join(',')}]}`
}

const serveRequest = (objects: ScriptedObjects) => (request: IncomingMessage, response: ServerResponse) => {
  const url = new URL(request.url ?? '/', 'https://loopback')
  counts.requests += 1
  response.setHeader('content-type', 'application/json')
  if (url.searchParams.has('watch')) {
    watches.add(response)
    response.on('close', () => watches.delete(response))
    response.flushHeaders()
    watched.resolve()
  } else if (url.pathname.includes('/namespaces/')) response.end(objects.text(0))
  else response.end(listText(objects, url))
}

const storm = async (objects: ScriptedObjects, events: number): Promise<number> => {
  let bytes = 0
  await watched.promise
  for (let sent = 0; sent < events; sent += burst) {
    const lines = Array.from(
      { length: Math.min(burst, events - sent) },
      (_, offset) => `{"type":"MODIFIED","object":${objects.touch((sent + offset) % objects.count)}}\n`,
    ).join('')
    bytes += lines.length
    for (const watch of watches) if (!watch.write(lines)) await once(watch, 'drain')
  }
  return bytes
}

let objects = createScriptedObjects(0)

const questions: ScriptedServerQuestions = {
  serve: async ({ objects: count, metadataOnly }) => {
    objects = createScriptedObjects(count, { metadataOnly })
    const server = createServer({ cert: loopbackCert, key: loopbackKey, keepAliveTimeout: 120_000 }, serveRequest(objects))
    server.on('secureConnection', () => {
      counts.handshakes += 1
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
  storm: ({ events }) => storm(objects, events),
  counted: () => counts,
}

answer({ ...questions })
