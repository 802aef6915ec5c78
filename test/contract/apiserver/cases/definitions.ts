import { expect } from 'vitest'
import { definitions } from '../builders.ts'
import { prohibited, wrong } from '../causes.ts'
import { type Chapter, get, invalid, made, mergePatch, ok, post, refused, remove } from '../contract-case.ts'

type Json = Readonly<Record<string, unknown>>

const aVersion = (spec: Json = {}, rest: Json = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } }, ...spec } } },
  },
  ...rest,
})

const aDefinition = (versions: readonly Json[], rest: Json = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.{{ns}}.example.com' },
  spec: { group: '{{ns}}.example.com', scope: 'Namespaced', names: { plural: 'gadgets', kind: 'Gadget' }, versions, ...rest },
})

const named = 'CustomResourceDefinition.apiextensions.k8s.io "gadgets.{{ns}}.example.com"'
/** Faults of a schema that all versions share are found where definitions once had their only one. */
const spec = 'spec.validation.openAPIV3Schema.properties[spec]'
const dryRun = `${definitions}?dryRun=All`
const path = '/apis/{{ns}}.example.com/v1/namespaces/{{ns}}/gadgets'
const aGadget = (fields: Json) => ({ apiVersion: '{{ns}}.example.com/v1', kind: 'Gadget', metadata: { name: 'g' }, spec: fields })

/** CustomResourceDefinitions: what makes a kind, and what does not. */
export const definitionsOfKinds: Chapter = {
  about: 'definitions of kinds',
  cases: [
    {
      name: 'a definition is accepted, then established, then served, and takes its objects along',
      steps: [
        [
          post(definitions, aDefinition([aVersion()])),
          made({ spec: { names: { singular: 'gadget', listKind: 'GadgetList' }, conversion: { strategy: 'None' } } }),
        ],
        [
          get(`${definitions}/gadgets.{{ns}}.example.com`),
          ok({
            status: {
              acceptedNames: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
              storedVersions: ['v1'],
              conditions: [
                { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
                { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
              ],
            },
          }),
          { eventually: true },
        ],
        [post(path, aGadget({ size: 1 })), made({ spec: { size: 1 } }), { eventually: true }],
        [
          remove(`${definitions}/gadgets.{{ns}}.example.com`),
          ok({
            kind: 'CustomResourceDefinition',
            metadata: { deletionTimestamp: '{{any}}', finalizers: ['customresourcecleanup.apiextensions.k8s.io'] },
            status: {
              conditions: expect.arrayContaining([
                expect.objectContaining({ type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending' }),
              ]),
            },
          }),
        ],
        [get(path), { code: 404 }, { eventually: true }],
      ],
    },
    {
      name: 'a definition stays until the last object of its kind is gone',
      steps: [
        [post(definitions, aDefinition([aVersion()])), made()],
        [
          post(path, { ...aGadget({ size: 1 }), metadata: { name: 'g', finalizers: ['contract.serin.test/hold'] } }),
          made(),
          { eventually: true },
        ],
        [remove(`${definitions}/gadgets.{{ns}}.example.com`), ok()],
        [get(`${path}/g`), ok({ metadata: { deletionTimestamp: '{{any}}' } }), { eventually: true }],
        [get(`${definitions}/gadgets.{{ns}}.example.com`), ok()],
        [mergePatch(`${path}/g`, { metadata: { finalizers: null } }), ok()],
        [get(`${definitions}/gadgets.{{ns}}.example.com`), { code: 404 }, { eventually: true }],
      ],
    },
    {
      name: 'a new field is let in once the definition says so',
      steps: [
        [post(definitions, aDefinition([aVersion()])), made()],
        [post(path, aGadget({ size: 1, color: 'red' })), made({}, { absent: ['/spec/color'] }), { eventually: true }],
        [
          mergePatch(`${definitions}/gadgets.{{ns}}.example.com`, {
            spec: { versions: [aVersion({ properties: { size: { type: 'integer' }, color: { type: 'string' } } })] },
          }),
          ok(),
        ],
        [mergePatch(`${path}/g`, { spec: { color: 'red' } }), ok({ spec: { color: 'red' } }), { eventually: true }],
        [remove(`${definitions}/gadgets.{{ns}}.example.com`), ok()],
      ],
    },
    {
      name: 'a definition is called after what it defines',
      steps: [
        [
          post(dryRun, { ...aDefinition([aVersion()]), metadata: { name: 'x.{{ns}}.example.com' } }),
          invalid(
            'CustomResourceDefinition.apiextensions.k8s.io "x.{{ns}}.example.com"',
            wrong('metadata.name', 'x.{{ns}}.example.com', 'must be spec.names.plural+"."+spec.group'),
          ),
        ],
      ],
    },
    {
      name: 'one version is stored',
      steps: [
        [
          post(dryRun, aDefinition([aVersion({}, { storage: false })])),
          {
            code: 422,
            body: {
              reason: 'Invalid',
              message: expect.stringMatching(/spec\.versions: Invalid value: .*: must have exactly one version marked as storage version/s),
            },
          },
        ],
      ],
    },
    {
      name: 'every version has a schema',
      steps: [
        [
          post(dryRun, aDefinition([aVersion({}, { schema: undefined })])),
          invalid(named, ['FieldValueRequired', 'spec.versions[0].schema.openAPIV3Schema', 'Required value']),
        ],
      ],
    },
    {
      name: 'every field has a type',
      steps: [
        [
          post(dryRun, aDefinition([aVersion({ properties: { size: {} } })])),
          invalid(named, [
            'FieldValueRequired',
            `${spec}.properties[size].type`,
            'Required value: must not be empty for specified object fields',
          ]),
        ],
      ],
    },
    {
      name: 'a default fits its schema',
      steps: [
        [
          post(dryRun, aDefinition([aVersion({ properties: { color: { type: 'string', enum: ['red'], default: 'green' } } })])),
          invalid(named, [
            'FieldValueNotSupported',
            `${spec}.properties[color].default`,
            'Unsupported value: "green": supported values: "red"',
          ]),
        ],
      ],
    },
    {
      name: 'a list map has keys',
      steps: [
        [
          post(
            dryRun,
            aDefinition([
              aVersion({
                properties: {
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
                  },
                },
              }),
            ]),
          ),
          invalid(named, [
            'FieldValueRequired',
            `${spec}.properties[parts].x-kubernetes-list-map-keys`,
            'Required value: must not be empty if x-kubernetes-list-type is map',
          ]),
        ],
      ],
    },
    {
      name: 'unique items are not for definitions',
      steps: [
        [
          post(dryRun, aDefinition([aVersion({ properties: { list: { type: 'array', uniqueItems: true, items: { type: 'string' } } } })])),
          invalid(
            named,
            prohibited(
              `${spec}.properties[list].uniqueItems`,
              'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
            ),
          ),
        ],
      ],
    },
    {
      name: 'a rule must be one',
      steps: [
        [
          post(dryRun, aDefinition([aVersion({ 'x-kubernetes-validations': [{ rule: 'self.size <<< 3' }] })])),
          refused('422 Invalid', `{{any}}${spec}.x-kubernetes-validations[0].rule: Invalid value: {{any}}: compilation failed: {{any}}`),
        ],
      ],
    },
    {
      name: 'a rule speaks of fields that there are',
      steps: [
        [
          post(dryRun, aDefinition([aVersion({ 'x-kubernetes-validations': [{ rule: 'self.siz < 3' }] })])),
          refused(
            '422 Invalid',
            `${named} is invalid: ${spec}.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.siz \\u003c 3","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field 'siz'\n | self.siz < 3\n | ....^`,
          ),
        ],
      ],
    },
    {
      name: 'our own definitions are taken without a warning',
      steps: [
        [get(`${definitions}/canaries.flagger.app`), ok({ status: { storedVersions: ['v1beta1'], acceptedNames: { kind: 'Canary' } } })],
      ],
    },
  ],
}
