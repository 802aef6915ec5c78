import { join } from 'node:path'
import { customResourceDefinitions } from '../../../src/api/crd.ts'
import type { Manifest } from '../../../src/api/object.ts'
import { additiveFields } from '../../../src/api/status.ts'
import type { Stage } from './stage.ts'

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
}

interface Version {
  readonly schema: { readonly openAPIV3Schema: Node }
}

const withoutOurs = ({ properties = {}, ...status }: Node): Node => ({
  ...status,
  properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !additiveFields.includes(name))),
})

const olderVersion = (version: Version): Version => {
  const { properties: { status = {}, ...properties } = {}, ...schema } = version.schema.openAPIV3Schema
  return { ...version, schema: { openAPIV3Schema: { ...schema, properties: { ...properties, status: withoutOurs(status) } } } }
}

/** A definition as it is where nobody has heard of Serin: what Serin writes into a status of its own is dropped. */
const fieldDefinition = (definition: Manifest): Manifest => {
  const spec = definition['spec'] as { readonly versions: readonly Version[] }
  return { ...definition, spec: { ...spec, versions: spec.versions.map(olderVersion) } }
}

const established = ['wait', '--for=condition=Established', 'crd/canaries.flagger.app', '--timeout=240s']

/** Puts the definitions of the field's controller into the cluster, in place of ours where other scenarios have brought them. */
export const installFieldDefinitions = async ({ tools }: Stage): Promise<void> => {
  const items = customResourceDefinitions().map(fieldDefinition)
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const isThere = await tools.kubectl(['get', 'crd/canaries.flagger.app', '--ignore-not-found', '--output=name'])
  await tools.kubectl([isThere ? 'replace' : 'create', '-f', '-'], input)
  await tools.kubectl(established)
}

/** The upgrade that people are told to do before they install Serin. */
export const applyOurDefinitions = async ({ tools }: Stage): Promise<void> => {
  await tools.kubectl(['apply', '--server-side', '--force-conflicts', '-f', join(import.meta.dirname, '../../../crds')])
  await tools.kubectl(established)
}
