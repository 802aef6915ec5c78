import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.cluster.test.ts'],
    // Guards against what hangs, also on a machine that has much else to do; how long things take is for benches to say.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    setupFiles: ['./test/support/properties.ts'],
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/support/closing-line.ts'],
  },
})
