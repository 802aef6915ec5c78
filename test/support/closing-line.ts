import type { Reporter, TestCase, TestModule } from 'vitest/node'

type State = ReturnType<TestCase['result']>['state']

const count = (modules: readonly TestModule[], wanted: (state: State) => boolean): number =>
  modules.flatMap(module => [...module.children.allTests()]).filter(test => wanted(test.result().state)).length

/** Ends a run with `N passed, N failed` alone on a line, as the gate and people's eyes expect it. Vitest loads a reporter by its default export. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const passed = count(modules, state => state === 'passed')
    const broken = modules.flatMap(module => module.errors()).length + unhandled.length
    const failed = broken + count(modules, state => state === 'failed')
    const skipped = count(modules, state => state === 'skipped' || state === 'pending')
    process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  }
}
