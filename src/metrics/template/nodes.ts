import type { Value } from './values.ts'

/** Where in the template's text something stands; characters from its start. */
interface Placed {
  readonly at: number
}

/** What an action computes with. A `call` that stands first in its command takes the rest of it as arguments. */
export type Operand = Placed &
  (
    | { readonly kind: 'literal'; readonly value: Value }
    | { readonly kind: 'dot' }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'call'; readonly name: string }
    | { readonly kind: 'field'; readonly of: Operand; readonly name: string }
    | { readonly kind: 'group'; readonly pipeline: Pipeline }
  )

export interface Command {
  readonly first: Operand
  readonly rest: readonly Operand[]
}

/** Commands of which each hands its value on as the last argument of the next; `declares` and `assigns` name variables it is kept in. */
export interface Pipeline extends Placed {
  readonly commands: readonly Command[]
  readonly declares: readonly string[]
  readonly assigns: boolean
}

export interface Branch extends Placed {
  readonly kind: 'if' | 'with' | 'range'
  readonly pipeline: Pipeline
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[]
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | (Placed & { readonly kind: 'break' | 'continue' })
  | Branch
