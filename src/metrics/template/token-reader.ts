import type { Token } from './lex.ts'
import { invalidAt, type TemplateInvalid } from './template-invalid.ts'

/** Walks over the tokens of one action. */
export class TokenReader {
  readonly #text: string
  readonly #tokens: readonly Token[]
  /** Where the action's word stands, for when there are no tokens to point at. */
  readonly #at: number
  #next = 0

  constructor(text: string, { tokens, at }: { readonly tokens: readonly Token[]; readonly at: number }) {
    this.#text = text
    this.#tokens = tokens
    this.#at = at
  }

  /** The token so many places on, without taking it. */
  peek(offset = 0): Token | undefined {
    return this.#tokens[this.#next + offset]
  }

  isMark(mark: string, offset = 0): boolean {
    const token = this.peek(offset)
    return token?.kind === 'mark' && token.text === mark
  }

  skip(count: number): void {
    this.#next += count
  }

  /** @throws {TemplateInvalid} nothing is left */
  take(): Token {
    const token = this.peek()
    if (!token) throw this.fail(this.at, 'expected a value')
    this.#next += 1
    return token
  }

  /** Place of the next token, or of the end. */
  get at(): number {
    const last = this.#tokens.at(-1)
    return this.peek()?.at ?? (last ? last.at + last.text.length : this.#at)
  }

  fail(at: number, problem: string): TemplateInvalid {
    return invalidAt(this.#text, at, problem)
  }
}
