/** What a shell would do something about beyond splitting words: operators, expansions, comments, home directories, a second line. */
const needsShell = /[;&|<>()$`\n]/
const wordStartNeedsShell = /[#~]/
const blank = /[ \t]/
const escapable = /["\\$`\n]/

interface Scanner {
  readonly text: string
  at: number
}

/**
 * The words of a simple command, quotes and backslashes resolved as `sh` does. Undefined when only a shell can tell what it means
 * (operators, variables, substitutions, several lines) or when a quote is not closed. Runs nothing.
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
 */
export const simpleWords = (command: string): readonly string[] | undefined => {
  const scanner = { text: command.trim(), at: 0 }
  const words: string[] = []
  while (scanner.at < scanner.text.length) {
    if (blank.test(charAt(scanner))) scanner.at += 1
    else {
      const word = readWord(scanner)
      if (word === undefined) return undefined
      words.push(word)
    }
  }
  // A backslash at the end of a line joins it with the next one: such a joint between two words leaves an empty one behind.
  return words.filter(word => word !== joint)
}

/** A word that consists of line joints only. No argument can be this: NUL cannot be passed to a program. */
const joint = '\0'

const charAt = ({ text, at }: Scanner): string => text[at] ?? ''

const readWord = (scanner: Scanner): string | undefined => {
  if (wordStartNeedsShell.test(charAt(scanner))) return undefined
  const start = scanner.at
  let word = ''
  while (scanner.at < scanner.text.length && !blank.test(charAt(scanner))) {
    const piece = readPiece(scanner)
    if (piece === undefined) return undefined
    word += piece
  }
  return word === '' && /^(\\\n)+$/.test(scanner.text.slice(start, scanner.at)) ? joint : word
}

const readPiece = (scanner: Scanner): string | undefined => {
  const char = charAt(scanner)
  if (char === "'") return readSingleQuoted(scanner)
  if (char === '"') return readDoubleQuoted(scanner)
  if (char === '\\') return readEscape(scanner)
  scanner.at += 1
  return needsShell.test(char) ? undefined : char
}

const readSingleQuoted = (scanner: Scanner): string | undefined => {
  const end = scanner.text.indexOf("'", scanner.at + 1)
  if (end < 0) return undefined
  const inside = scanner.text.slice(scanner.at + 1, end)
  scanner.at = end + 1
  return inside
}

const readDoubleQuoted = (scanner: Scanner): string | undefined => {
  let inside = ''
  for (scanner.at += 1; charAt(scanner) !== '"'; ) {
    const char = charAt(scanner)
    if (char === '' || char === '$' || char === '`') return undefined
    const escapes = char === '\\' && escapable.test(scanner.text[scanner.at + 1] ?? '')
    inside += escapes ? readEscape(scanner) : char
    if (!escapes) scanner.at += 1
  }
  scanner.at += 1
  return inside
}

const readEscape = (scanner: Scanner): string => {
  const escaped = scanner.text[scanner.at + 1] ?? ''
  scanner.at += 2
  return escaped === '\n' ? '' : escaped
}
