import { messageOf } from '../../errors.ts'
import { typeFieldsOf } from './builtin-schema.ts'
import { valueAt } from './json-value.ts'

/** What Go calls the JSON it met. */
export const jsonKind = (value: unknown): string => {
  if (Array.isArray(value)) return 'array'
  if (value === null) return 'null'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const places: readonly (readonly [ours: RegExp, theirs: string])[] = [
  [/property name/, 'looking for beginning of object key string'],
  [/after property value/, 'after object key:value pair'],
  [/after array element/, 'after array element'],
  [/':'/, 'after object key'],
]

/** What Go's decoder says about a text that is no JSON, from what our parser threw about it. */
export const syntaxWords = (text: string, thrown: unknown): string => {
  const words = messageOf(thrown)
  const position = Number(/at position (\d+)/.exec(words)?.[1] ?? Number.NaN)
  if (/end of JSON|Unterminated/.test(words) || position >= text.trimEnd().length) return 'unexpected end of JSON input'
  const character = text[position] ?? /Unexpected token '(.)/su.exec(words)?.[1] ?? ''
  const place = places.find(([ours]) => ours.test(words))?.[1] ?? 'looking for beginning of value'
  return `invalid character '${character}' ${place}`
}

/** Where Go's decoder of base64 gives up. */
const base64Words = (text: string): string => {
  const at = text.search(/[^A-Za-z0-9+/=\r\n]/)
  return `illegal base64 data at input byte ${at < 0 ? text.length - (text.length % 4) : at}`
}

const scalars: Readonly<Record<string, string>> = {
  boolean: 'bool',
  byte: '[]uint8',
  double: 'float64',
  any: 'interface {}',
  'date-time': 'v1.Time',
  quantity: 'resource.Quantity',
  IntOrString: 'intstr.IntOrString',
}

/** `V1DeploymentSpec` → `DeploymentSpec`. */
const structName = (type: string): string => /^(?:[A-Z][a-z]+)*?V\d+(?:beta\d+)?([A-Z].*)$/.exec(type)?.[1] ?? type

const goType = (attribute: string): string => {
  const inner = attribute.slice(1, -1)
  if (attribute.startsWith('[')) return `[]${goType(inner)}`
  if (attribute.startsWith('{')) return `map[string]${goType(inner)}`
  if (/^[A-Z].*V?\d/.test(attribute)) return scalars[attribute] ?? `v1.${structName(attribute)}`
  return scalars[attribute] ?? attribute
}

interface Spot {
  /** The struct that holds the field, as the table of built-in types calls it. */
  readonly holder: string
  readonly fields: readonly string[]
  /** The type of what stands there. */
  readonly attribute: string
}

/** One step down: a field of a struct, or whatever is inside a list or a map. */
const stepDown = ({ holder, fields, attribute }: Spot, part: string): Spot => {
  if (/^[[{]/.test(attribute)) return { holder, fields, attribute: attribute.slice(1, -1) }
  return { holder: attribute, fields: [...fields, part], attribute: typeFieldsOf(attribute)[part] ?? 'any' }
}

/**
 * What Go's decoder says about a value that does not fit the type of a built-in kind.
 * @param path where the value stands, as `spec.containers[0].image`
 */
export const unmarshalWords = (object: unknown, type: string, path: string): string => {
  const parts = path.replaceAll(/\[(\d+)\]/g, '.$1').split('.')
  const { holder, fields, attribute } = parts.reduce(stepDown, { holder: type, fields: [], attribute: type })
  const value = parts.reduce<unknown>((at, part) => (Array.isArray(at) ? at[Number(part)] : valueAt(at, [part])), object)
  if (attribute === 'byte' && typeof value === 'string') return base64Words(value)
  return `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${structName(holder)}.${fields.join('.')} of type ${goType(attribute)}`
}
