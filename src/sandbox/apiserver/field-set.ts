/**
 * A set of fields in the very form that `metadata.managedFields[].fieldsV1` has, so that nothing is converted:
 *
 *     { 'f:spec': { 'f:replicas': {}, 'f:ports': { 'k:{"port":80}': { '.': {}, 'f:name': {} } } } }
 *
 * A node without children is a member; one with children is a member when it has the key `.`.
 */
export interface FieldSet {
  readonly [pathElement: string]: FieldSet
}

export const emptySet: FieldSet = {}

const self = '.'

export const isEmptySet = (set: FieldSet): boolean => {
  for (const _ in set) return false
  return true
}

/** Whether the node below the root stands for a field of its own, not only for a way to its children. */
export const isMember = (node: FieldSet): boolean => Object.hasOwn(node, self) || isEmptySet(node)

const hasChildren = (node: FieldSet): boolean => {
  for (const element in node) if (element !== self) return true
  return false
}

/** The node of these children, which is a field of its own or not; undefined when nothing is in it. */
export const nodeFrom = (member: boolean, children: FieldSet): FieldSet | undefined => {
  if (!hasChildren(children)) return member ? emptySet : undefined
  if (Object.hasOwn(children, self) === member) return children
  if (member) return { [self]: emptySet, ...children }
  const { [self]: _, ...others } = children
  return others
}

type Combine = (left: FieldSet | undefined, right: FieldSet | undefined) => FieldSet | undefined

/** Where nothing changes the answer is `left` itself: most writes only touch what their manager owns anyway. */
const withChanged = (left: FieldSet, right: FieldSet, combine: Combine): FieldSet => {
  let changed: Record<string, FieldSet> | undefined
  for (const element of Object.keys(right)) {
    if (element === self) continue
    const child = combine(left[element], right[element])
    if (child === left[element]) continue
    changed ??= { ...left }
    if (child) changed[element] = child
    else delete changed[element]
  }
  return changed ?? left
}

const unionNodes: Combine = (left, right) => {
  if (!left || !right) return left ?? right
  return nodeFrom(isMember(left) || isMember(right), withChanged(left, right, unionNodes))
}

const differenceNodes: Combine = (left, right) => {
  if (!left || !right) return left
  return nodeFrom(isMember(left) && !isMember(right), withChanged(left, right, differenceNodes))
}

const intersectionNodes: Combine = (left, right) => {
  if (!left || !right) return undefined
  return nodeFrom(isMember(left) && isMember(right), intersection(left, right))
}

export const union = (left: FieldSet, right: FieldSet): FieldSet => withChanged(left, right, unionNodes)
export const difference = (left: FieldSet, right: FieldSet): FieldSet => withChanged(left, right, differenceNodes)

export const intersection = (left: FieldSet, right: FieldSet): FieldSet => {
  const common: Record<string, FieldSet> = {}
  for (const element of Object.keys(left)) {
    const child = element === self ? undefined : intersectionNodes(left[element], right[element])
    if (child) common[element] = child
  }
  return common
}

const keyWords = (json: string): string => {
  const keys: unknown = JSON.parse(json)
  const pairs = Object.entries(keys as Record<string, unknown>).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return `[${pairs.join(',')}]`
}

const wordsOf = (element: string): string => {
  const rest = element.slice(2)
  if (element.startsWith('k:')) return keyWords(rest)
  if (element.startsWith('v:')) return `[=${rest}]`
  return element.startsWith('i:') ? `[${rest}]` : `.${rest}`
}

/** Every member as people write it: `.spec.ports[port=80].name`. At each level first the members themselves, then what is below them. */
export const pathsOf = (set: FieldSet, prefix = ''): string[] => {
  const entries = Object.entries(set)
    .filter(([element]) => element !== self)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  const members = entries.filter(([, node]) => isMember(node)).map(([element]) => prefix + wordsOf(element))
  return [...members, ...entries.flatMap(([element, node]) => pathsOf(node, prefix + wordsOf(element)))]
}
