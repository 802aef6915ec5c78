import type { Io } from '../../src/io.ts'
import type { MetricAnswer, MetricQuestion, OpenMetricStore } from '../../src/metrics/metric-store.ts'
import { unreachable } from '../../src/metrics/silence.ts'

export type Reply = MetricAnswer | 'hang' | 'throw'

/** A store that answers what it is told to and remembers what it was asked. */
export const fakeStore = (reply: (question: MetricQuestion) => Reply = () => ({ value: 1 }), name = 'prometheus') => {
  const asked: MetricQuestion[] = []
  const probed: Omit<MetricQuestion, 'query' | 'intervalMs'>[] = []
  const state = { calledOff: 0, closed: false, probe: undefined as string | undefined }
  const hang = (io: Io): Promise<MetricAnswer> =>
    new Promise(resolve => {
      io.signal.addEventListener('abort', () => {
        state.calledOff += 1
        resolve(unreachable('called off'))
      })
    })
  const store: OpenMetricStore = {
    name,
    ask: async (question, io) => {
      asked.push(question)
      const answer = reply(question)
      if (answer === 'throw') throw new Error('boom')
      return answer === 'hang' ? hang(io) : answer
    },
    probe: async access => {
      probed.push(access)
      return state.probe
    },
    close: () => {
      state.closed = true
    },
  }
  return { store, asked, probed, state }
}
