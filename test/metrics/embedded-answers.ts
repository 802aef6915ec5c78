import type { StoreAnswer } from '../../src/metrics/prometheus-answer.ts'
import { createEngine } from '../../src/sandbox/prometheus/engine/engine.ts'
import { failure, instantData, success } from '../../src/sandbox/prometheus/http/answers.ts'
import { createStorage } from '../../src/sandbox/prometheus/storage/storage.ts'
import { exposed, stepMs, steps } from '../contract/promql/dataset.ts'

const samples = createStorage()
for (const { name, labels, value } of exposed) {
  for (let step = 0; step <= steps; step += 1) {
    const now = value(step)
    if (now !== undefined) samples.append({ __name__: name, ...labels }, step * stepMs, now)
  }
}

/** What the embedded Prometheus answers over HTTP, always at the same instant. */
export const embeddedAnswer = (query: string): StoreAnswer => {
  const { status, body } = answerTo(query)
  return { status, body: JSON.parse(body) }
}

const answerTo = (query: string) => {
  try {
    return success(instantData(createEngine(samples).instant(query, steps * stepMs), steps * stepMs))
  } catch (thrown) {
    return failure(thrown)
  }
}
