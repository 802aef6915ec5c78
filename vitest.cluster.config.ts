import { defineConfig } from 'vitest/config'

/** The suite on a real API server; `npm run test:cluster` starts it. One file at a time: they share one cluster, and some take parts of it away. */
export default defineConfig({
  test: {
    include: ['test/**/*.cluster.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    setupFiles: ['./test/support/properties.ts'],
    pool: 'forks',
    fileParallelism: false,
  },
})
