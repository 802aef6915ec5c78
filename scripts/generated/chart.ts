import { Document, isMap, isScalar, type YAMLMap } from 'yaml'
import * as z from 'zod'
import { ChartValues } from './chart-values.ts'
import { cell, type Generator, origin, table } from './generator.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** As JSON schema: Helm refuses values that do not fit before it renders anything. */
const schema = (): JsonSchema =>
  z.toJSONSchema(ChartValues, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // Bounds of what a JavaScript number can hold: nobody's business.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })

const propertyOf = ({ properties = {} }: JsonSchema, name: string): JsonSchema => (properties[name] ?? {}) as JsonSchema

/** Puts the meaning of each value above it. */
const annotate = (map: YAMLMap, described: JsonSchema): void => {
  for (const { key, value } of map.items) {
    if (!isScalar<string>(key)) continue
    const { description } = propertyOf(described, key.value)
    if (description) key.commentBefore = ` ${description}`
    if (isMap(value)) annotate(value, propertyOf(described, key.value))
  }
}

const valuesFile = (): string => {
  const document = new Document(ChartValues.parse({}))
  document.commentBefore = ` ${origin}\n Every value with its default. Names are those of the field's chart where it has them.`
  if (isMap(document.contents)) annotate(document.contents, schema())
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

const schemaFile = (): string => `${JSON.stringify({ $comment: origin, ...schema() }, null, 2)}\n`

/** Every value below a schema with its path; a piece of the Kubernetes API is one value. */
const valuesBelow = (described: JsonSchema, path: string): readonly (readonly [string, JsonSchema])[] =>
  Object.entries(described.properties ?? {}).flatMap(([name, inner]) => {
    const value = inner as JsonSchema
    const inside = valuesBelow(value, `${path}${name}.`)
    return inside.length > 0 ? inside : [[`${path}${name}`, value] as const]
  })

const rowOf = ([path, { default: initial, description = '' }]: readonly [string, JsonSchema]): readonly string[] => [
  `\`${path}\``,
  initial === '' || initial === undefined ? '' : cell(`\`${JSON.stringify(initial)}\``),
  cell(description),
]

const intro = `The chart is in \`charts/serin\`. Its values have the names of the field's chart where that has them, so that a values file carries over. Unknown values
are refused, and so are those that ask for what is not there yet, each with a message. Credentials given as values are kept in a Secret and reach the
process by its environment, never as arguments.`

const page = (): string => {
  const rows = valuesBelow(schema(), '').filter(([, { description }]) => description !== undefined)
  return `# Values of the chart\n\n<!-- ${origin} -->\n\n${intro}\n\n${table(['Value', 'Default', 'Meaning'], rows.map(rowOf))}\n`
}

/** The values of the chart: with defaults, as a schema, and as a page. */
export const chart: readonly Generator[] = [
  { path: 'charts/serin/values.yaml', content: valuesFile },
  { path: 'charts/serin/values.schema.json', content: schemaFile },
  { path: 'docs/reference/chart.md', content: page },
]
