import type { KubeObject } from '../../api/object.ts'
import type { Endpoint } from './catalogue.ts'
import { spokenAs, spokenVersion } from './decoding.ts'

const bodies = new WeakMap<KubeObject, string>()

/** The JSON text of everything but apiVersion and kind. Stored objects never change, so that each is written out once for all readers. */
const bodyOf = (object: KubeObject): string => {
  const known = bodies.get(object)
  if (known !== undefined) return known
  const { apiVersion: _version, kind: _kind, ...rest } = object
  const body = JSON.stringify(rest).slice(1)
  bodies.set(object, body)
  return body
}

const spokenBody = (object: KubeObject, endpoint: Endpoint): string =>
  bodyOf(endpoint.resource.storedAs ? spokenAs(object, endpoint) : object)

/** A stored object as JSON in the version that this endpoint speaks. */
export const objectText = (object: KubeObject, endpoint: Endpoint): string =>
  `{"kind":${JSON.stringify(endpoint.resource.kind)},"apiVersion":${JSON.stringify(spokenVersion(endpoint))},${spokenBody(object, endpoint)}`

/** As an item of a list: built-in kinds leave out what the list's own kind already says. */
export const itemText = (object: KubeObject, endpoint: Endpoint): string =>
  endpoint.resource.builtin ? `{${spokenBody(object, endpoint)}` : objectText(object, endpoint)
