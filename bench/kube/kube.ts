import type { Benchmark, BenchmarkIo, Figures } from '../benchmark.ts'
import { type Child, type Children, withChildren } from '../children.ts'
import { latenciesOf, megabytes, ratio, rounded } from '../statistics.ts'
import { stallFigures, type Usage, usageDuring } from '../stopwatch.ts'
import type { KubeClientQuestions } from './kube-client.ts'
import type { ScriptedServerQuestions } from './scripted-server.ts'

interface KubeSettings extends Record<string, number> {
  readonly objects: number
  readonly events: number
  readonly requests: number
  readonly keys: number
}

interface Pair {
  readonly server: Child<ScriptedServerQuestions>
  readonly client: Child<KubeClientQuestions>
}

/** A fresh client on a fresh server, so that no measurement finds the heap of another. */
const startPair = async (children: Children, objects: number, metadataOnly = false): Promise<Pair> => {
  const server = children.start<ScriptedServerQuestions>({ name: 'server', file: new URL('./scripted-server.ts', import.meta.url) })
  const client = children.start<KubeClientQuestions>({ name: 'client', file: new URL('./kube-client.ts', import.meta.url) })
  await client.ask('connect', { server: await server.ask('serve', { objects, metadataOnly }), metadataOnly })
  return { server, client }
}

const endPair = async ({ server, client }: Pair): Promise<void> => {
  await Promise.all([server.stop(), client.stop()])
}

const perSecond = (count: number, ms: number): number | null => rounded((count / ms) * 1000, 0)
const cpuMsEach = ({ cpuMs }: Usage, count: number): number | null => ratio(cpuMs, count)

/** What the store costs, with all garbage gone, for each 10,000 objects. */
const memoryOf = async ({ client }: Pair, objects: number, work: () => Promise<unknown>): Promise<Figures> => {
  const before = await client.ask('probe', { gc: true })
  await work()
  const after = await client.ask('probe', { gc: true })
  const per10000 = (bytes: number) => megabytes((bytes / objects) * 10_000)
  return { heapMBPer10000: per10000(after.heapBytes - before.heapBytes), rssMBPer10000: per10000(after.rssBytes - before.rssBytes) }
}

const reflectorFigures = async (pair: Pair, { objects, events }: KubeSettings): Promise<Figures> => {
  const { client, server } = pair
  let listMs = 0
  let list: Usage | undefined
  const memory = await memoryOf(pair, objects, async () => {
    const found = await usageDuring(client, () => client.ask('sync', undefined))
    listMs = found.value
    list = found.usage
  })
  const storm = await usageDuring(client, async () => {
    await client.ask('listen', { events })
    const bytes = await server.ask('storm', { events })
    return { ms: await client.ask('heard', undefined), bytes }
  })
  const relist = await usageDuring(client, () => client.ask('relist', undefined))
  return {
    ...memory,
    list: { ms: rounded(listMs, 0), cpuMs: rounded(list?.cpuMs ?? Number.NaN, 0), ...(list ? stallFigures(list.end) : {}) },
    storm: {
      events,
      eventsPerSecond: perSecond(events, storm.value.ms),
      megabytesPerSecond: perSecond(storm.value.bytes / 1024 / 1024, storm.value.ms),
      cpuMsPer1000Events: ratio(storm.usage.cpuMs * 1000, events),
      ...stallFigures(storm.usage.end),
    },
    relist: { ms: rounded(relist.value, 0), cpuMs: rounded(relist.usage.cpuMs, 0), ...stallFigures(relist.usage.end) },
  }
}

const requestFigures = async ({ client, server }: Pair, { requests }: KubeSettings): Promise<Figures> => {
  const before = await server.ask('counted', undefined)
  const single = await usageDuring(client, () => client.ask('read', { requests, inFlight: 1 }))
  const many = await usageDuring(client, () => client.ask('read', { requests, inFlight: 16 }))
  const after = await server.ask('counted', undefined)
  const handshakes = after.handshakes - before.handshakes
  return {
    tlsHandshakes: handshakes,
    tlsHandshakesPer1000: ratio(handshakes * 1000, after.requests - before.requests),
    oneAtATime: { perSecond: perSecond(requests, single.value), cpuMsEach: cpuMsEach(single.usage, requests) },
    sixteenAtATime: { perSecond: perSecond(requests, many.value), cpuMsEach: cpuMsEach(many.usage, requests) },
  }
}

const tickSetting = { everyMs: 1000, forMs: 5000 }

const queueFigures = async ({ client }: Pair, { keys }: KubeSettings): Promise<Figures> => {
  const ticks = await usageDuring(client, () => client.ask('tick', { keys, ...tickSetting }))
  const drained = await client.ask('drain', { keys })
  const { samples, ...lateness } = latenciesOf(ticks.value)
  return {
    delayed: {
      keys,
      everyMs: tickSetting.everyMs,
      firingsPerSecond: perSecond(samples, tickSetting.forMs),
      cpuMsPer1000Firings: ratio(ticks.usage.cpuMs * 1000, samples),
      lateness,
      ...stallFigures(ticks.usage.end),
    },
    allAtOnce: { keys, perSecond: perSecond(keys, drained) },
  }
}

interface Part {
  readonly name: string
  readonly objects: number
  readonly metadataOnly?: boolean
  measure(pair: Pair): Promise<Figures>
}

const run = async (settings: KubeSettings, { signal, say }: BenchmarkIo): Promise<Figures> => {
  const { objects } = settings
  const parts: readonly Part[] = [
    { name: 'reflector', objects, measure: pair => reflectorFigures(pair, settings) },
    {
      name: 'metadataOnly',
      objects,
      metadataOnly: true,
      measure: pair => memoryOf(pair, objects, () => pair.client.ask('sync', undefined)),
    },
    { name: 'requests', objects: 1, measure: pair => requestFigures(pair, settings) },
    { name: 'workQueue', objects: 1, measure: pair => queueFigures(pair, settings) },
  ]
  return withChildren(signal, async children => {
    const found: Record<string, Figures> = {}
    for (const { name, objects: count, metadataOnly = false, measure } of parts) {
      say(`kube: ${name}`)
      const pair = await startPair(children, count, metadataOnly)
      found[name] = await measure(pair)
      await endPair(pair)
    }
    return found
  })
}

/** The Kubernetes layer alone, against a server in another process that only sends prepared texts. */
export const kubeBenchmark: Benchmark<KubeSettings> = {
  name: 'kube',
  summary: 'reflector, transport and work queue over TLS: events per second, memory, relist, handshakes, lateness, stalls',
  settings: {
    objects: { meaning: 'Deployments of about 5 kB that are listed and watched', initial: 10_000, least: 100, most: 100_000 },
    events: { meaning: 'changes in the storm', initial: 30_000, least: 100, most: 1_000_000 },
    requests: { meaning: 'reads one at a time, and as many sixteen at a time', initial: 10_000, least: 10, most: 1_000_000 },
    keys: { meaning: 'keys in the work queue', initial: 10_000, least: 10, most: 1_000_000 },
  },
  run,
}
