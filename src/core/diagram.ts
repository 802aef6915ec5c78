import { rolloutMachine } from './machine.ts'

interface Arrow {
  readonly from: string
  readonly event: string
  readonly to: string
  readonly guards: readonly string[]
}

interface Node {
  readonly key: string
  readonly path: readonly string[]
  readonly states: Readonly<Record<string, Node>>
  readonly transitions: ReadonlyMap<string, readonly Definition[]>
  readonly parent?: Node | undefined
}
interface Definition {
  readonly eventType: string
  readonly guard?: unknown
  readonly target?: readonly Node[] | undefined
}

const nameOf = (node: Node): string => node.path.join('_') || 'rollout'

const arrowsOf = (node: Node): readonly Arrow[] => [
  ...[...node.transitions.values()].flat().flatMap(({ eventType, guard, target }) =>
    (target ?? []).map(to => ({
      from: nameOf(node),
      event: eventType,
      to: nameOf(to),
      guards: typeof guard === 'string' ? [guard] : [],
    })),
  ),
  ...Object.values(node.states).flatMap(arrowsOf),
]

/** Arrows between the same two states share one line. */
const merge = (arrows: readonly Arrow[]): readonly string[] => {
  const labels = new Map<string, string[]>()
  for (const { from, to, event, guards } of arrows) {
    const key = `${from} --> ${to}`
    labels.set(key, [...(labels.get(key) ?? []), [event, ...guards.map(guard => `[${guard}]`)].join(' ')])
  }
  return [...labels].map(([key, events]) => `  ${key}: ${[...new Set(events)].join('<br/>')}`)
}

const block = (node: Node, indent: string): readonly string[] => {
  const children = Object.values(node.states)
  if (children.length === 0) return [`${indent}state "${node.key}" as ${nameOf(node)}`]
  return [`${indent}state "${node.key}" as ${nameOf(node)} {`, ...children.flatMap(child => block(child, `${indent}  `)), `${indent}}`]
}

/** The machine as a Mermaid state diagram. Deletion, which leads to Terminating from everywhere, is left out. */
export const mermaid = (): string => {
  const root = rolloutMachine.root as unknown as Node
  const arrows = arrowsOf(root).filter(({ event }) => event !== 'DELETED')
  return [
    'stateDiagram-v2',
    ...Object.values(root.states).flatMap(child => block(child, '  ')),
    '  [*] --> Initializing_creating',
    ...merge(arrows),
    '',
  ].join('\n')
}
