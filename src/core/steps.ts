/** The next weight of the ladder above `current`, or undefined at (or beyond) its top. Survives a ladder edited in mid-run. */
export const nextWeight = (ladder: readonly number[], current: number): number | undefined => ladder.find(weight => weight > current)

/** The canary weight after one step of traffic back to the primary; without a step everything returns at once. */
export const returnWeight = (current: number, step: number): number => (step > 0 ? Math.max(0, current - step) : 0)
