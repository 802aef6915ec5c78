/** What a benchmark found: plain JSON, one object. Units stand in the names; null is "not measured". */
export interface Figures {
  readonly [name: string]: number | string | boolean | null | readonly string[] | Figures
}

/** A whole number that a benchmark can be told, as `--name N`. */
export interface Setting {
  readonly meaning: string
  readonly initial: number
  readonly least: number
  readonly most: number
}

export type Settings = Readonly<Record<string, number>>

/** A text that a benchmark can be told, as `--name TEXT`; empty unless it is. */
export interface Text {
  readonly meaning: string
}

export type Texts = Readonly<Record<string, string>>

export interface Benchmark<S extends Settings = Settings> {
  readonly name: string
  /** What it measures, in one line. */
  readonly summary: string
  readonly settings: Readonly<Record<keyof S & string, Setting>>
  readonly texts?: Readonly<Record<string, Text>>
  run(settings: S, io: BenchmarkIo): Promise<Figures>
}

/** `signal` aborts when somebody interrupts: children have to be gone when `run` settles, whatever happened. */
export interface BenchmarkIo {
  readonly signal: AbortSignal
  readonly texts: Texts
  /** Says what goes on, for people who wait. */
  say(line: string): void
}
