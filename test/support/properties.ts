import fc from 'fast-check'

/**
 * Properties are tried with the same cases on every run, so that a red gate is always about the change in hand.
 * `PROPERTY_RUNS=5000 npm test` searches instead: that many cases for each, from a seed of its own.
 */
const runs = Number(process.env['PROPERTY_RUNS'] ?? 0)

fc.configureGlobal(runs > 0 ? { numRuns: runs } : { seed: 20_261_121 })
