/**
 * The paths of fields that stand more than once in one object of a JSON text: a parser only keeps the last of them.
 * The text must be valid JSON.
 */
export const duplicateFields = (text: string): readonly string[] => new Scan(text).duplicates()

const whitespace = /[\s:,]/

class Scan {
  readonly #text: string
  readonly #found = new Set<string>()
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  duplicates(): readonly string[] {
    this.#value('')
    return [...this.#found]
  }

  #value(path: string): void {
    this.#skip()
    const first = this.#text[this.#at]
    if (first === '{') this.#object(path)
    else if (first === '[') this.#list(path)
    else if (first === '"') this.#string()
    else while (this.#at < this.#text.length && !/[,\]}\s]/.test(this.#text.charAt(this.#at))) this.#at += 1
  }

  #object(path: string): void {
    const seen = new Set<string>()
    this.#at += 1
    for (this.#skip(); this.#text[this.#at] === '"'; this.#skip()) {
      const field = this.#string()
      const place = path === '' ? field : `${path}.${field}`
      if (seen.has(field)) this.#found.add(place)
      seen.add(field)
      this.#value(place)
    }
    this.#at += 1
  }

  #list(path: string): void {
    this.#at += 1
    this.#skip()
    for (let index = 0; this.#at < this.#text.length && this.#text[this.#at] !== ']'; index += 1) {
      this.#value(`${path}[${index}]`)
      this.#skip()
    }
    this.#at += 1
  }

  #string(): string {
    const start = this.#at + 1
    let end = this.#text.indexOf('"', start)
    while (this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1)
    this.#at = end + 1
    return this.#text.slice(start, end)
  }

  #isEscaped(at: number): boolean {
    let slashes = 0
    while (this.#text[at - 1 - slashes] === '\\') slashes += 1
    return slashes % 2 === 1
  }

  #skip(): void {
    while (whitespace.test(this.#text.charAt(this.#at))) this.#at += 1
  }
}
