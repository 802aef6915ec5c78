import { defineConfig } from 'vitest/config'

/** Rooms whose tests leave nothing behind: their files share a worker's modules, which takes half of their time away. */
const rooms = ['api', 'core', 'targets', 'routing', 'metrics', 'webhooks', 'alerts', 'controller', 'lifecycle', 'faults']
const inMemory = rooms.map(room => `test/${room}/**/*.test.ts`)
const onCluster = 'test/**/*.cluster.test.ts'

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'in memory', include: inMemory, isolate: false } },
      { extends: true, test: { name: 'by themselves', include: ['test/**/*.test.ts'], exclude: [onCluster, ...inMemory] } },
    ],
    // Guards against what hangs, also on a machine that has much else to do; how long things take is for benches to say.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    setupFiles: ['./test/support/properties.ts'],
    pool: 'forks',
    maxWorkers: 2,
    reporters: ['default', './test/support/closing-line.ts'],
  },
})
