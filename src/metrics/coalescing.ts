import { createHash } from 'node:crypto'
import type { Io } from '../io.ts'
import type { MetricAnswer, MetricObserver, MetricQuestion, OpenMetricStore } from './metric-store.ts'
import { createSharing } from './sharing.ts'
import { calledOff } from './silence.ts'

/** An answer counts for the same question this long: canaries of one template that are due together ask once. */
const keepMs = 1000

/**
 * Asks identical questions once: while one is under way, and for a moment after. Wraps any store; what batches questions of the same shape
 * can be put between the two. Questions are identical when the store could not tell them apart, credentials included.
 */
export const coalesced = (store: OpenMetricStore, observer: MetricObserver): OpenMetricStore => {
  const answers = createSharing<MetricAnswer>(keepMs)
  const probes = createSharing<string | undefined>(keepMs)
  const onShared = () => observer.shared(store.name)

  const asked = async (question: MetricQuestion, io: Io): Promise<MetricAnswer> => {
    const answer = await store.ask(question, io)
    observer.asked(store.name, 'value' in answer || answer.silence.kind === 'no-data' ? 'ok' : 'error')
    return answer
  }

  return {
    ...store,
    ask: (question, io) => answers.share(keyOf(question), io, { run: shared => asked(question, shared), left: () => calledOff, onShared }),
    probe: (access, io) =>
      probes.share(keyOf(access), io, {
        run: async shared => store.probe(access, shared),
        left: () => calledOff.silence.message,
        onShared,
      }),
  }
}

/** What makes two questions the same, without keeping a credential. */
const keyOf = ({ secret = {}, headers = {}, ...rest }: Partial<MetricQuestion>): string =>
  createHash('sha256')
    .update(JSON.stringify([rest, headers, secret].map(sorted)))
    .digest('base64')

const sorted = (fields: object): readonly unknown[] => Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1))
