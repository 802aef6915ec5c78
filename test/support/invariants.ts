import { type Canary, providerOf } from '../../src/api/canary.ts'
import { canaryKind, eventKind } from '../../src/api/kinds.ts'
import { type KindRef, type KubeObject, keyOf, keyText, type ObjectKey } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import type { Live } from '../../src/core/live.ts'
import { routers } from '../../src/routing/registry.ts'
import { capacityRules } from './capacity-rules.ts'
import { isConcerned, oneOfEach, read, trespasses } from './claims.ts'
import type { AcceptedWrite, FakeKubeApi } from './fake-kube-api.ts'
import { rolloutRules } from './rollout-rules.ts'
import type { Run, Scene } from './scene.ts'
import { tracksOf } from './tracks-seen.ts'
import { trafficRules } from './traffic-rules.ts'
import { visitorRules } from './visitor-rules.ts'

/*
 * The safety rules, looked at after every write that the API accepted, so that they hold at every point at which a crash could leave the
 * cluster. S-numbers are those of the list of invariants that the design follows.
 */

/** The database, as the rules look at it. */
type Database = Pick<FakeKubeApi, 'stored' | 'storedAll'>

export interface Monitor {
  /**
   * Holds one write against the rules; answers with what it broke. Where others change the cluster while a write is under way, `known` tells
   * what its author had been told: nobody is held to more than that of what is not Serin's own.
   */
  check(write: AcceptedWrite, api: Database, known?: () => readonly Live[]): readonly string[]
  readonly violations: readonly string[]
  /** Rules that the test breaks on purpose, by their number. */
  allow(...numbers: readonly string[]): void
  /** @throws {Error} when a rule was broken */
  verify(): void
}

const freshRun = (hash: string | undefined): Run => ({
  hash,
  highestRecorded: 0,
  highestRouted: 0,
  raisedAtMs: undefined,
  intervalMs: undefined,
  iterations: 0,
  cookie: undefined,
})

const liveOf = (api: Database): Live => ({
  get: (kind, key) => api.stored(kind, key),
})

/** The cluster as it was before the write. */
const rewound = (live: Live, { kind, key, before }: AcceptedWrite): Live => ({
  ...live,
  get: (other, name) =>
    other.kind === kind.kind && name.name === key.name && name.namespace === key.namespace ? before : live.get(other, name),
})

interface Knowledge {
  readonly live: Live
  readonly picture: Live
  readonly scene: Omit<Scene, 'run'>
  /** Whether an object says something else than what Serin wrote last. */
  isOthers(kind: KindRef, key: ObjectKey): boolean
}

/** The cluster as an author knew it; what was written, what routes say and what is recorded are as they are: those are Serin's own. */
const asKnown = ({ live, picture, isOthers, scene: { write, canary } }: Knowledge): Live => {
  const own = [...routers.get(providerOf(canary, 'gatewayapi:v1')).kinds, canaryKind, write.kind].map(one => one.kind)
  const isOwn = (kind: KindRef, key: ObjectKey): boolean => own.includes(kind.kind) && !isOthers(kind, key)
  return { get: (kind, key) => (isOwn(kind, key) ? live : picture).get(kind, key) }
}

/** `drainMs` is what the controller's flag `drain` says. */
export const createMonitor = (clock: Clock, drainMs = 0): Monitor => {
  const allRules = [...trafficRules, ...rolloutRules, ...visitorRules, ...capacityRules(drainMs)]
  const runs = new Map<string, Run>()
  const found: string[] = []
  const lastWritten = new Map<string, KubeObject | undefined>()
  const lastRecorded = new Map<string, KubeObject>()
  const allowed = new Set<string>()

  const runOf = (name: string, { status }: Canary): Run => {
    const known = runs.get(name)
    const hash = status.analysed?.hash
    const restarted = status.state === 'Progressing.scaling'
    const run = known && known.hash === hash && !restarted ? known : freshRun(hash)
    runs.set(name, run)
    run.highestRecorded = Math.max(run.highestRecorded, status.canaryWeight ?? 0)
    run.iterations = Math.max(run.iterations, status.iterations ?? 0)
    return run
  }

  const sceneOf = (write: AcceptedWrite, live: Live, object: KubeObject): Omit<Scene, 'run'> => {
    const past = rewound(live, write)
    const { canary } = read(object)
    const isOwn = write.kind.kind === canaryKind.kind && keyText(write.key) === keyText(keyOf(object))
    const router = routers.get(providerOf(canary, 'gatewayapi:v1'))
    const isRouteWrite = router.kinds.some(one => one.kind === write.kind.kind)
    const after = router.observe(canary, live).traffic
    return {
      write,
      live,
      canary,
      canaryBefore: isOwn && write.before ? read(write.before).canary : canary,
      before: isRouteWrite ? router.observe(canary, past).traffic : after,
      after,
      ...tracksOf(canary, live),
      nowMs: clock.nowMs(),
      isRouteWrite,
    }
  }

  const wantText = (object: KubeObject | undefined): string => JSON.stringify(object?.['spec'] ?? null)
  const objectText = ({ kind }: KindRef, { namespace, name }: ObjectKey): string => `${kind} ${namespace}/${name}`

  const statusText = ({ status }: Readonly<Record<string, unknown>>): string => JSON.stringify(status ?? null)
  /** Another controller wrote over what Serin had recorded last. */
  const isErased = (object: KubeObject): boolean => {
    const recorded = lastRecorded.get(objectText(canaryKind, keyOf(object)))
    return recorded !== undefined && statusText(recorded) !== statusText(object)
  }

  const broken = (write: AcceptedWrite, live: Live, [object, known]: readonly [KubeObject, () => readonly Live[]]): readonly string[] => {
    const scene = sceneOf(write, live, object)
    const run = runOf(object.metadata.uid ?? '', scene.canary)
    const earlier = { ...run }
    const failing = allRules.flatMap(rule => {
      const text = rule({ ...scene, run })
      return text === undefined ? [] : [{ rule, text }]
    })
    if (failing.length === 0) return []
    const isOthers = (kind: KindRef, key: ObjectKey): boolean => {
      const id = objectText(kind, key)
      return lastWritten.has(id) && wantText(lastWritten.get(id)) !== wantText(live.get(kind, key))
    }
    const pictures = known().map(picture => {
      const shown = picture.get(canaryKind, keyOf(object)) ?? object
      const status = (isErased(object) ? shown : object)['status']
      return sceneOf(write, asKnown({ live, picture, scene, isOthers }), { ...object, spec: shown['spec'], status })
    })
    return failing.flatMap(({ rule, text }) => (pictures.some(one => rule({ ...one, run: { ...earlier } }) === undefined) ? [] : text))
  }

  return {
    violations: found,
    allow: (...numbers) => {
      for (const number of numbers) allowed.add(number)
    },
    check: (write, api, known = () => []) => {
      if (write.kind.kind === eventKind.kind) return []
      const live = liveOf(api)
      lastWritten.set(objectText(write.kind, write.key), write.after)
      if (write.verb === 'updateStatus' && write.after) lastRecorded.set(objectText(write.kind, write.key), write.after)
      const canaries = api.storedAll(canaryKind).filter(one => isConcerned(one, write))
      const [claims] = oneOfEach(canaries)
      const texts = claims.flatMap(object => broken(write, live, [object, known]))
      const news = [...texts.map(text => `${text} (${write.verb} ${write.kind.kind} ${write.key.name})`), ...trespasses(write, canaries)]
      found.push(...news)
      return news
    },
    verify: () => {
      const broken = found.filter(text => !allowed.has(text.split(':')[0] ?? ''))
      if (broken.length > 0) throw new Error(`broken rules:\n${broken.join('\n')}`)
    },
  }
}
