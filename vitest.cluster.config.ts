import { defineConfig } from 'vitest/config'

/** Files that neither have Canaries for each other's Serin nor take parts of the cluster away: they wait most of the time, and may wait together. */
const sideBySide = ['test/cluster/node', 'test/contract/promql', 'test/cluster/suite/capacity.cluster.test.ts']

const onCluster = ['test/**/*.cluster.test.ts']
const beside = sideBySide.map(path => (path.endsWith('.ts') ? path : `${path}/**/*.cluster.test.ts`))

/** The suite on a real API server; `npm run test:cluster` starts it. All files share one cluster. */
export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'side by side', include: beside, maxWorkers: 3, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'one at a time', include: onCluster, exclude: beside, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    setupFiles: ['./test/support/properties.ts'],
    pool: 'forks',
  },
})
