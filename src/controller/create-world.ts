import { type Canary, providerOf } from '../api/canary.ts'
import { canaryKind } from '../api/kinds.ts'
import { type KubeObject, keyText, type ObjectKey } from '../api/object.ts'
import type { Decision } from '../core/decide.ts'
import type { Live } from '../core/live.ts'
import { eventText } from '../core/notices.ts'
import type { Obstacle } from '../core/observation.ts'
import { stateOf } from '../core/status-context.ts'
import type { Io } from '../io.ts'
import { routers } from '../routing/registry.ts'
import { scalerOf, workloadNameOf, workloadOf } from '../targets/registry.ts'
import type { ConfigBook } from './config-book.ts'
import { createConfigCopier } from './config-copier.ts'
import type { ControllerOptions } from './controller.ts'
import { createConverger } from './converge.ts'
import type { Diagnoses } from './diagnoses.ts'
import type { GatherTools } from './gather.ts'
import type { Inquiries } from './inquiries.ts'
import type { Interests } from './interests.ts'
import { copiesToRead } from './left-behind.ts'
import { liveView } from './live-view.ts'
import { type LookTools, look } from './look.ts'
import { NotSynced } from './not-synced.ts'
import type { OutboxWorker } from './outbox-worker.ts'
import type { OwnWrites } from './own-writes.ts'
import { createPartsFinder } from './parts.ts'
import { createPatience, graceMs } from './patience.ts'
import { type CanaryReader, createCanaryReader, type Inspect, memoizedInspector } from './read-memo.ts'
import { createRecorder } from './record.ts'
import type { SecondLook } from './second-look.ts'
import { createSightings } from './sightings.ts'
import { createSlots } from './slots.ts'
import type { Stores } from './stores.ts'
import { createUnrecorded } from './unrecorded.ts'
import type { World } from './world.ts'

export interface WorldOptions extends Omit<ControllerOptions, 'tools'> {
  readonly stores: Stores
  readonly own: OwnWrites
  readonly interests: Interests
  readonly outbox: OutboxWorker
  readonly inquiries: Inquiries
  readonly diagnoses: Diagnoses
  readonly secondLook: SecondLook
  readonly book: ConfigBook
  readonly tools: GatherTools
}

/** Wires what passes touch. */
export const createWorld = (options: WorldOptions): World => {
  const { api, stores, own, interests, outbox, inquiries, diagnoses, secondLook, book, tools, events, observer } = options
  const patience = createPatience(graceMs)
  const unrecorded = createUnrecorded()
  const slots = createSlots()
  const sightings = createSightings()
  const recorder = createRecorder(api, own, options.clock)
  const configs = createConfigCopier(api, own, options.look)

  const reader = createCanaryReader(options.look)
  const { read } = reader
  const inspect = memoizedInspector(options.look)
  const parts = createPartsFinder(options.look, inspect)

  /** What the pass that is under way has looked at, by Canary. */
  const seenNow = new Map<string, Set<string>>()

  const viewFor = (canary: string): Live => {
    const seen = seenNow.get(canary) ?? new Set<string>()
    seenNow.set(canary, seen)
    const note = (id: string) => {
      if (seen.has(id)) return
      seen.add(id)
      interests.add(canary, id)
    }
    return liveView({ stores, own, note })
  }

  const lookTools = (live: Live): LookTools => ({
    live,
    read,
    parts,
    claimants: stores.claimants,
    pinsOf: stores.pinsOf,
    scalersOf: stores.scalersOf,
    configs: (canary, target) => book.known({ canary, target, live }),
    diagnosis: diagnoses.of,
    options: options.look,
    nowMs: api.serverNowMs(),
    templateSince: sightings.since,
    slotShare: slots.share(),
    lagMs: recorder.lagMs(),
    obstacle: otherAtWork(options.other?.holder()) ?? recorder.obstacle(),
  })

  return {
    api,
    own,
    options: options.look,
    receivers: options.receivers,
    tools,
    recorder,
    converger: createConverger({ api, own, configs }),
    events,
    outbox,
    inquiries,
    diagnoses,
    secondLook,
    unrecorded,
    patience,
    look: async (key, io) => {
      const live = viewFor(keyText(key))
      await prepare({ key, live, read, inspect, options, book }, io)
      const seen = look(key, lookTools(live))
      if (seen) {
        slots.seen(seen.canary)
        observer.seen(seen.canary, stateOf(seen.canary.status))
      }
      return seen
    },
    looked: canary => {
      interests.keep(canary, seenNow.get(canary) ?? new Set())
      seenNow.delete(canary)
    },
    rests: canary => reader.forget(canary),
    forget: canary => {
      reader.forget(canary)
      const [namespace = '', name = ''] = canary.split('/')
      interests.remove(canary)
      seenNow.delete(canary)
      patience.forget(canary)
      unrecorded.forget(canary)
      outbox.forget(canary)
      inquiries.forget(canary)
      diagnoses.forget(canary)
      secondLook.forget(canary)
      slots.forget(canary)
      sightings.forget(canary)
      observer.forgotten(namespace, name)
    },
    measured: ({ canary, seen }, evidence, tookMs) => {
      observer.analysed(canary, tookMs)
      const due = canary.status.nextEvidenceAt
      observer.measured(canary, evidence, due ? Math.max(0, seen.nowMs - Date.parse(due)) : 0)
    },
    announce: ({ raw, canary, seen }, decision, io) => {
      for (const notice of decision.notices) {
        const { type, reason } = notice
        const message = eventText(notice)
        events.record(raw, { type, reason, message })
        io.log.info({ reason, weight: decision.status.canaryWeight, phase: decision.status.phase }, message)
      }
      observer.decided({ ...canary, status: decision.status }, seen.plan, decision.notices)
      if (begins(decision) && !canary.spec.skipAnalysis) void sayWhetherStoresAnswer({ raw, canary, options }, io)
    },
  }
}

/** Two controllers would fight over every route. */
const otherAtWork = (holder: string | undefined): Obstacle | undefined =>
  holder === undefined
    ? undefined
    : {
        reason: 'OtherControllerActive',
        message: `another controller works on the same Canaries: ${holder}; Serin does nothing until it stops`,
      }

/** A Canary is seen for the first time. */
const begins = ({ event, state }: Decision): boolean => event?.type === 'REVISION_CHANGED' && state === 'Initializing.creating'

/** Long before the first analysis people learn whether it will get answers. Nothing waits for this. */
const sayWhetherStoresAnswer = async ({ raw, canary, options }: Beginning, io: Io): Promise<void> => {
  const problems = await options.tools.measurer.probe(canary, io)
  const message =
    problems.length === 0 ? 'all the metrics providers are available!' : `Error checking metric providers: ${problems.join('; ')}`
  const [type, reason] = problems.length === 0 ? (['Normal', 'StoresAnswer'] as const) : (['Warning', 'StoreUnreachable'] as const)
  io.log.info({ reason }, message)
  options.events.record(raw, { type, reason, message })
}

interface Beginning {
  readonly raw: KubeObject
  readonly canary: Canary
  readonly options: WorldOptions
}

interface Preparation {
  readonly key: ObjectKey
  readonly live: Live
  readonly read: CanaryReader['read']
  readonly inspect: Inspect
  readonly options: WorldOptions
  readonly book: ConfigBook
}

/** Makes sure that what the look will look at is known: caches of the mesh, digests of changed configuration. */
const prepare = async ({ key, live, read, inspect, options, book }: Preparation, io: Parameters<World['look']>[1]): Promise<void> => {
  const raw = live.get(canaryKind, key)
  if (!raw) return
  const { canary } = read(raw)
  const placed = (canary.status.inventory ?? []).map(({ routing }) => routing)
  const layers = [providerOf(canary, options.look.meshProvider), canary.status.routing ?? '', ...placed].filter(routers.has)
  const workload = workloadOf(canary)
  const scaler = scalerOf(canary)
  const kinds = [...layers.flatMap(name => routers.get(name).kinds), ...(workload?.kinds ?? []), ...(scaler ? [scaler.kind] : [])]
  if (!options.stores.ready(kinds))
    throw new NotSynced(`caches of ${[...layers, workloadNameOf(canary)].join(', ')} are still being filled`)
  const inspected = workload && inspect(canary, live)
  if (!workload || !inspected || !('target' in inspected)) return
  await book.refresh({ canary, target: inspected.target, live }, io)
  const copies = copiesToRead({ canary, workload, target: inspected.target, live, options: options.look })
  if (copies) await book.refresh({ canary, target: copies, live }, io)
}
