import type { KubeObject } from '../../../src/api/object.ts'
import { canaries, controllerRevisions } from './kinds.ts'
import type { Stage } from './stage.ts'
import { eventually } from './waiting.ts'

const pinsIn = async ({ api, io }: Stage, namespace: string): Promise<readonly KubeObject[]> =>
  (await api.list(controllerRevisions, { namespace, labelSelector: 'serin.dev/canary=shop' }, io)).items

/** The revisions that the Canary of a shop pinned belong to nobody, as after a deletion that left them behind; resolves when those it needs are its own again. */
export const loseOwnersOfPins = async (stage: Stage, namespace: string): Promise<readonly string[]> => {
  const { api, io } = stage
  for (const { metadata } of await pinsIn(stage, namespace)) {
    const body = { metadata: { ownerReferences: null } }
    await api.patch(controllerRevisions, { namespace, name: metadata.name }, { type: 'merge', body }, io)
  }
  const canary = await api.get(canaries, { namespace, name: 'shop' }, io)
  const { analysed, promoted } = (canary?.['status'] ?? {}) as Readonly<Record<string, { readonly name: string } | undefined>>
  const named = [...new Set([analysed?.name, promoted?.name])]
  const look = async () => {
    const kept = (await pinsIn(stage, namespace)).filter(pin =>
      pin.metadata.ownerReferences?.some(({ uid }) => uid === canary?.metadata.uid),
    )
    return named.every(name => kept.some(({ metadata }) => metadata.name === name)) || undefined
  }
  await eventually({ what: `${named.join(' and ')} to belong to the Canary`, look }, io)
  return named.filter(name => name !== undefined)
}
