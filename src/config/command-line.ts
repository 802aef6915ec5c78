type Flag = readonly [flag: string, value: string]

interface Misread {
  readonly reason: string
  readonly unknownFlag?: string
}

/** What a command line said: its flags in order (`true` for a bare switch) and what follows them, or what is wrong with it. */
export type CommandLine =
  | { readonly ok: true; readonly flags: readonly Flag[]; readonly rest: readonly string[] }
  | ({ readonly ok: false } & Misread)

/** Whether a flag exists, and whether it is a switch: a switch takes its value only after `=`. */
export type FlagKind = 'switch' | 'value' | undefined

const flagShape = /^--?([^-=][^=]*)(?:=(.*))?$/s

/**
 * Reads flags as Go programs write them: `-flag=value`, `--flag=value`, `-flag value`, `-switch`, `-switch=false`. The first argument that
 * is no flag, or `--`, ends them. Source: https://pkg.go.dev/flag#hdr-Command_line_flag_syntax.
 */
export const readCommandLine = (argv: readonly string[], kindOf: (flag: string) => FlagKind): CommandLine => {
  const flags: Flag[] = []
  const left = [...argv]
  while (flagShape.test(left[0] ?? '')) {
    const taken = takeFlag(left, kindOf)
    if (!('value' in taken)) return { ok: false, ...taken }
    flags.push([taken.flag, taken.value])
  }
  return { ok: true, flags, rest: left[0] === '--' ? left.slice(1) : left }
}

/** Takes one flag and its value off the front. */
const takeFlag = (left: string[], kindOf: (flag: string) => FlagKind): { flag: string; value: string } | Misread => {
  const [, flag = '', attached] = flagShape.exec(left.shift() ?? '') ?? []
  const kind = kindOf(flag)
  if (kind === undefined) return { reason: `unknown flag -${flag}`, unknownFlag: flag }
  const value = attached ?? (kind === 'switch' ? 'true' : left.shift())
  return value === undefined ? { reason: `flag -${flag} needs a value` } : { flag, value }
}

/** The known words closest to what was written, best first; only such as a slip of the fingers explains. */
export const nearest = (written: string, known: readonly string[], most = 3): readonly string[] =>
  known
    .map(word => ({ word, distance: distanceBetween(written, word) }))
    .filter(({ word, distance }) => distance <= Math.max(2, Math.floor(word.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ word }) => word)

/** Levenshtein distance, one row at a time. */
const distanceBetween = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
