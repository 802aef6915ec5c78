/** One way to break the controller: texts of its source that are put in the place of others, each of which has to be there exactly once. */
export interface Mutant {
  /** What the controller does then, in a few words. */
  readonly name: string
  /** Numbers of the rules that say so; the first one is the rule it is about. */
  readonly breaks: readonly string[]
  /** A seed that showed it when it was written: tried before all others. */
  readonly shownBy?: number
  readonly edits: readonly Edit[]
}

export interface Edit {
  /** Below `src/`. */
  readonly file: string
  readonly find: string
  readonly put: string
}

/** @throws {Error} when the source no longer says what is to be replaced, or says it twice */
export const edited = (source: string, { file, find, put }: Edit): string => {
  const times = source.split(find).length - 1
  if (times !== 1) throw new Error(`expected src/${file} to say once ${JSON.stringify(find)}, found it ${times} times`)
  return source.replace(find, () => put)
}
