import { keyText } from '../api/object.ts'
import type { Io } from '../io.ts'
import { isKubeError } from './errors.ts'
import { type EventCount, type EventSource, eventKey, eventKind, eventManifest, timeText } from './event-object.ts'
import type { KubeApi } from './kube-api.ts'

/** Puts events into the cluster, each object once with a count, and remembers how often it said so. */
export interface EventWriter {
  /** Adds `event.count` tellings of an event. Rejects as the API does. */
  write(event: EventCount, io: Io): Promise<void>
}

/** So many written events are remembered with their counts; the server itself forgets them after an hour. */
const longestMemory = 2000

export const createEventWriter = (api: KubeApi, source: EventSource): EventWriter => {
  const counts = new Map<string, number>()

  const create = async (event: EventCount, io: Io): Promise<number> => {
    await api.create(eventKind, eventManifest(event, source), io)
    return event.count
  }

  const repeat = async ({ about, facts, lastMs }: EventCount, total: number | undefined, io: Io): Promise<number> => {
    const body = { lastTimestamp: timeText(lastMs), ...(total !== undefined && { count: total }) }
    const stored = await api.patch(eventKind, eventKey(about, facts), { type: 'merge', body }, io)
    return Number(stored['count'] ?? 1)
  }

  /** A process before us told it, and perhaps died before it could record that: still one telling, only its time moves on. */
  const first = async (event: EventCount, io: Io): Promise<number> => {
    try {
      return await create(event, io)
    } catch (error) {
      if (isKubeError(error, 'Conflict')) return repeat(event, undefined, io)
      throw error
    }
  }

  const again = async (event: EventCount, known: number, io: Io): Promise<number> => {
    try {
      return await repeat(event, known + event.count, io)
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return create(event, io) // the server has forgotten it by now
      throw error
    }
  }

  const remember = (id: string, total: number) => {
    counts.delete(id)
    counts.set(id, total)
    const [oldest] = counts.keys()
    if (counts.size > longestMemory && oldest !== undefined) counts.delete(oldest)
  }

  return {
    write: async (event, io) => {
      const id = keyText(eventKey(event.about, event.facts))
      const known = counts.get(id)
      remember(id, known === undefined ? await first(event, io) : await again(event, known, io))
    },
  }
}
