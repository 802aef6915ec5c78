import { canaryKind, controllerRevisionKind, deploymentKind, serviceKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import type { WatchEvent } from '../../src/kube/kube-api.ts'
import { httpRouteKind, type Stage } from '../support/stage.ts'

/** The kinds that a rollout through a gateway looks at, with one object of each that it cannot do without. */
export const watched: readonly { readonly kind: KindRef; readonly name: string }[] = [
  { kind: canaryKind, name: 'podinfo' },
  { kind: deploymentKind, name: 'podinfo' },
  { kind: deploymentKind, name: 'podinfo-primary' },
  { kind: httpRouteKind, name: 'podinfo' },
  { kind: serviceKind, name: 'podinfo' },
]

export const watchedKinds: readonly KindRef[] = [canaryKind, deploymentKind, httpRouteKind, serviceKind, controllerRevisionKind]

/** What the controller gets to see in place of one event. */
type Bend = (event: WatchEvent, kind: KindRef) => readonly WatchEvent[]

/** The process is started anew, and its watches show what `bend` makes of them. */
export const bendWatches = async (stage: Stage, bend: Bend): Promise<void> => {
  const { watch } = stage.api
  Object.assign(stage.api, {
    watch: async function* (...[kind, options, io]: Parameters<typeof watch>) {
      for await (const event of watch(kind, options, io)) yield* bend(event, kind)
    },
  })
  await stage.restart()
}

/** A server that lags: the next list of this kind shows what stands there now, whatever happens until then. */
export const delayNextList = async (stage: Stage, kind: KindRef): Promise<void> => {
  const { list } = stage.api
  const past = await list(kind, {}, stage.io)
  let isDue = true
  Object.assign(stage.api, {
    list: async (...[asked, options, io]: Parameters<typeof list>) => {
      if (asked.kind !== kind.kind || !isDue) return list(asked, options, io)
      isDue = false
      return past
    },
  })
}

/** Somebody deletes an object and makes it again, as it was, under the same name. */
export const remake = ({ api }: Stage, { kind, name }: { readonly kind: KindRef; readonly name: string }): KubeObject => {
  const found = api.stored(kind, { namespace: 'test', name })
  if (!found) throw new Error(`no ${kind.kind} ${name}`)
  const { uid: _, resourceVersion: __, creationTimestamp: ___, ...metadata } = found.metadata
  api.drop(kind, { namespace: 'test', name })
  return api.put({ ...found, metadata, status: {} })
}
