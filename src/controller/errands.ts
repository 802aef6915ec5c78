/** Work beside the passes: nothing waits for it but the end of the process. */
export interface Errands {
  run(errand: Promise<void>): void
  /** Resolves when nothing is under way any more; the signal of the work has to abort first. */
  rest(): Promise<void>
}

export const createErrands = (): Errands => {
  const underWay = new Set<Promise<void>>()
  return {
    run: errand => {
      const running = errand.finally(() => underWay.delete(running))
      underWay.add(running)
    },
    rest: async () => {
      await Promise.all(underWay)
    },
  }
}
