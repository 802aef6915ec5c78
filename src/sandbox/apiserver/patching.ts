import jsonPatch from 'fast-json-patch'
import type { KubeObject } from '../../api/object.ts'
import { namedBy } from './admission.ts'
import { create } from './creating.ts'
import { type Decoding, decode, patchInvalid, spokenAs, spokenVersion } from './decoding.ts'
import { requiredValue } from './field-errors.ts'
import { jsonKind } from './go-words.ts'
import { isObject, type JsonObject, objectAt, textAt, withField, withValueAt } from './json-value.ts'
import type { Kernel } from './kernel.ts'
import { applyConfig, type Writer } from './managed-fields.ts'
import { mergePatch } from './merge-patch.ts'
import { resourceId } from './resource.ts'
import { scaleOf, withScale } from './scaling.ts'
import { badRequest, conflict, invalid, notFound, StatusError, unsupportedMediaType } from './status.ts'
import { mergeStrategic } from './strategic-merge.ts'
import { rewriteCauses } from './strategies.ts'
import { liveOf, replace, type Target, type WriteOptions, writerOf } from './writing.ts'

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/** A patch of one object. */
export interface Patching {
  readonly target: Target
  readonly type: PatchType
  readonly body: unknown
  readonly options: WriteOptions
}

export const decodingOf = ({ fieldValidation = 'Ignore', onWarning = () => {}, duplicates = [] }: WriteOptions): Decoding => ({
  duplicates,
  fieldValidation,
  onWarning,
  defaults: true,
})

/** The real API says no more about a JSON patch that cannot be applied. */
const rejected = (): StatusError =>
  new StatusError(422, 'Invalid', { message: 'the server rejected our request due to an error in our request', details: {} })

const undecodable = (body: unknown, wanted: string): StatusError =>
  badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(body)} into Go value of type ${wanted}`)

const applyJsonPatch = (live: unknown, body: unknown): unknown => {
  if (!Array.isArray(body)) throw undecodable(body, '[]handlers.jsonPatchOp')
  try {
    return jsonPatch.applyPatch(live, body, true, false).newDocument
  } catch {
    // Whatever the library met (a failed test, a path that is not there), the answer is the same.
    throw rejected()
  }
}

const patched = (live: unknown, { target, type, body }: Patching): unknown => {
  if (type === 'json') return applyJsonPatch(live, body)
  if (!isObject(body)) throw undecodable(body, 'map[string]interface {}')
  if (type === 'merge') return mergePatch(live, body)
  if (!target.endpoint.resource.builtin) {
    throw unsupportedMediaType(['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'])
  }
  return mergeStrategic(live, body, target.endpoint.version.schema)
}

/** Unknown fields are refused as a fault of the patch, not of the object. */
const patchDecoding = (next: unknown, options: WriteOptions): Decoding => ({
  ...decodingOf(options),
  refuse: paths => patchInvalid(next, `strict decoding error: ${paths.map(path => `unknown field ${JSON.stringify(path)}`).join(', ')}`),
})

const checkName = (object: unknown, { name }: Target): void => {
  const said = textAt(objectAt(object, 'metadata'), 'name')
  if (said !== name) throw badRequest(`the name of the object (${said}) does not match the name on the URL (${name})`)
}

/** Other patches leave what they do not name as it was written. */
const checkRewrite = ({ target: { endpoint }, type }: Patching, live: KubeObject): void => {
  if (type !== 'strategic' && type !== 'apply') return
  const causes = rewriteCauses(resourceId(endpoint.resource), live as unknown as JsonObject)
  if (causes.length > 0) throw invalid(namedBy(endpoint, live.metadata.name), causes)
}

const patchExisting = (kernel: Kernel, patching: Patching): KubeObject => {
  const { target, options } = patching
  const live = liveOf(kernel, target)
  if (!live) throw notFound(namedBy(target.endpoint, target.name))
  checkRewrite(patching, live)
  const spoken = spokenAs(live, target.endpoint)
  const { scale } = target.endpoint.version
  const next =
    target.subresource === 'scale' && scale
      ? withScale(target.endpoint, spoken, patched(scaleOf(spoken, scale), patching))
      : patched(spoken, patching)
  checkName(next, target)
  const wanted = decode(next, target.endpoint, { ...patchDecoding(next, options), live })
  return replace(kernel, { target, live, wanted, isPatch: true, options })
}

const checkApply = ({ target, body, options }: Patching, config: JsonObject): void => {
  const named = { group: 'meta.k8s.io', plural: 'patchoptions', kind: 'PatchOptions', name: '' }
  if (options.manager === undefined || options.manager === '') {
    throw invalid(named, [requiredValue('fieldManager', 'is required for apply patch')])
  }
  checkName(config, target)
  if ('managedFields' in objectAt(body, 'metadata')) {
    throw new StatusError(400, 'BadRequest', { message: 'metadata.managedFields must be nil' })
  }
}

const createByApply = (kernel: Kernel, { target, options }: Patching, config: JsonObject): KubeObject => {
  const named = namedBy(target.endpoint, target.name)
  if (target.subresource !== '') throw notFound(named)
  const uid = textAt(config['metadata'], 'uid')
  if (uid !== '') throw conflict(named, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`)
  const { schema, hasStatus } = target.endpoint.version
  const writer: Writer = { ...writerOf(kernel, target, options), operation: 'Apply' }
  const { managedFields } = applyConfig({ live: {}, config, schema, hasStatus, writer, force: true })
  // A version says nothing about an object that is not there: unlike a uid it does not keep apply from creating it.
  const whole = withValueAt(config, ['metadata', 'resourceVersion'], undefined)
  const wanted = decode(whole, target.endpoint, { ...decodingOf(options), fieldValidation: 'Ignore' })
  return create(kernel, { target, wanted, managedFields, options })
}

const withPreconditions = (merged: JsonObject, config: JsonObject, live: KubeObject): JsonObject => {
  const version = textAt(config['metadata'], 'resourceVersion') || live.metadata.resourceVersion
  const uid = textAt(config['metadata'], 'uid') || live.metadata.uid
  return withValueAt(withValueAt(merged, ['metadata', 'resourceVersion'], version), ['metadata', 'uid'], uid)
}

/** Ownership needs a schema for every field, so apply takes none that the kind does not declare, whatever the field validation. */
const notDeclared =
  (target: Target, body: unknown) =>
  (paths: readonly string[]): StatusError => {
    const { resource } = target.endpoint
    const where = `${textAt(objectAt(body, 'metadata'), 'namespace')}/${target.name}; ${spokenVersion(target.endpoint)}, Kind=${resource.kind}`
    const words = paths.map(path => `.${path}: field not declared in schema`).join('\n')
    return new StatusError(500, '', { message: `failed to create typed patch object (${where}): ${words}` })
  }

/** Server-side apply: creates what does not exist, merges into what does. */
const apply = (kernel: Kernel, patching: Patching): KubeObject => {
  const { target, options } = patching
  const config = decode(patching.body, target.endpoint, {
    ...decodingOf(options),
    defaults: false,
    fieldValidation: 'Strict',
    refuse: notDeclared(target, patching.body),
  })
  checkApply(patching, config)
  const live = liveOf(kernel, target)
  if (!live) return createByApply(kernel, patching, config)
  checkRewrite(patching, live)
  const { schema, hasStatus } = target.endpoint.version
  const writer: Writer = { ...writerOf(kernel, target, options), operation: 'Apply' }
  const spoken = withField(spokenAs(live, target.endpoint), 'kind', live.kind)
  const { merged, managedFields } = applyConfig({ live: spoken, config, schema, hasStatus, writer, force: options.force === true })
  const wanted = decode(withPreconditions(merged, config, live), target.endpoint, {
    ...decodingOf(options),
    fieldValidation: 'Ignore',
    live,
  })
  return replace(kernel, { target, live, wanted, managedFields, isPatch: true, options })
}

/**
 * Patches one object; only server-side apply creates what does not exist.
 * @throws {StatusError} 404, 409 (version, or fields of other managers), 415, 422
 */
export const patch = (kernel: Kernel, patching: Patching): KubeObject =>
  patching.type === 'apply' ? apply(kernel, patching) : patchExisting(kernel, patching)
