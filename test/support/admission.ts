import { customResourceDefinitions } from '../../src/api/crd.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { withPartsOf } from '../../src/kube/same-parts.ts'
import { celCauses } from '../../src/sandbox/apiserver/cel-rules.ts'
import type { Schema } from '../../src/sandbox/apiserver/schema.ts'
import { validate } from '../../src/sandbox/apiserver/schema-validation.ts'
import { shape } from '../../src/sandbox/apiserver/shaping.ts'

interface Version {
  readonly name: string
  readonly schema: { readonly openAPIV3Schema: Schema }
}

const specs = customResourceDefinitions().map(crd => crd['spec'] as { names: { kind: string }; versions: readonly Version[] })

/** The schema under which the API server takes objects of one kind and version. */
export const schemaFor = (kind: string, version = 'v1beta1'): Schema => {
  const found = specs.find(({ names }) => names.kind === kind)?.versions.find(({ name }) => name === version)
  if (!found) throw new Error(`${kind} is not served in ${version}`)
  return found.schema.openAPIV3Schema
}

/** What the API server makes of a manifest: the object as it would be stored, what was pruned, and why it is refused. */
export interface Admission {
  readonly stored: KubeObject
  readonly pruned: readonly string[]
  readonly refusals: readonly string[]
}

/** Admits an object as the API server would, against what was stored before. */
export const admit = (manifest: KubeObject, before?: KubeObject): Admission => {
  const schema = schemaFor(manifest.kind, manifest.apiVersion.split('/')[1])
  const pruned: string[] = []
  const whole = {
    ...schema,
    properties: { ...schema.properties, metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  }
  const stored = shape(manifest, whole, { typed: false, defaults: true, onUnknown: path => pruned.push(path) }) as KubeObject
  const judged = { value: withPartsOf(before, stored), schema: whole, path: '', before } // as the server does: what did not change is the very same
  const causes = [...validate(judged), ...celCauses(judged)]
  return { stored, pruned, refusals: causes.map(({ field, message }) => `${field}: ${message}`) }
}
