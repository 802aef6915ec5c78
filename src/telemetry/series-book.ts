type Labels = Readonly<Record<string, string>>

/** A metric whose series can be removed one by one. */
export interface Removable {
  remove(labels: Labels): void
}

/** Remembers which series belong to whom, so that they go when their owner does. */
export class SeriesBook {
  readonly #owned = new Map<string, Map<Removable, Map<string, Labels>>>()

  /** Whether anything is remembered of this owner. */
  has(owner: string): boolean {
    return this.#owned.has(owner)
  }

  /** Notes that the owner has the series with these labels, and gives the labels back. */
  note<L extends Labels>(owner: string, series: Removable, labels: L): L {
    const mine = this.#owned.get(owner) ?? new Map<Removable, Map<string, Labels>>()
    const known = mine.get(series) ?? new Map<string, Labels>()
    known.set(JSON.stringify(Object.values(labels)), labels)
    mine.set(series, known)
    this.#owned.set(owner, mine)
    return labels
  }

  /** Removes all series of the owner. */
  forget(owner: string): void {
    for (const [series, known] of this.#owned.get(owner) ?? []) for (const labels of known.values()) series.remove(labels)
    this.#owned.delete(owner)
  }
}
