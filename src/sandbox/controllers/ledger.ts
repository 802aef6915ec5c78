import type { KubeObject } from '../../api/object.ts'
import { pods } from '../objects/kinds.ts'
import type { World } from '../objects/world.ts'
import type { Seen, Write } from './plan.ts'
import type { Written } from './write.ts'

/**
 * What a controller wrote and has not seen come back yet. Planning again before that would repeat it: a ReplicaSet that does not see the pods
 * it has just made would make them again.
 */
export interface Ledger {
  note(key: string, write: Write, written: Written): void
  /** Whether everything written for this key has come back. */
  isSettled(key: string): boolean
  forget(key: string): void
}

type Check = () => boolean

const stored = (world: World, kind: Parameters<World['store']>[0], { metadata }: Seen): KubeObject | undefined => {
  const held = world.store(kind).get({ namespace: metadata.namespace ?? '', name: metadata.name })
  return held?.metadata.uid === metadata.uid ? held : undefined
}

const checkOf = (world: World, write: Write, written: Written): Check => {
  switch (write.verb) {
    case 'delete':
      return () => {
        const held = stored(world, write.kind, write.object)
        return held === undefined || held.metadata.deletionTimestamp !== undefined
      }
    case 'bind':
      return () => {
        const held = stored(world, pods, write.object) as { spec?: { nodeName?: string } } | undefined
        return held === undefined || held.spec?.nodeName !== undefined
      }
    default:
      return () => written === undefined || world.hasSeen(write.kind, written)
  }
}

export const createLedger = (world: World): Ledger => {
  const open = new Map<string, Check[]>()
  return {
    note: (key, write, written) => {
      open.set(key, [...(open.get(key) ?? []), checkOf(world, write, written)])
    },
    isSettled: key => {
      const left = (open.get(key) ?? []).filter(check => !check())
      if (left.length > 0) open.set(key, left)
      else open.delete(key)
      return left.length === 0
    },
    forget: key => void open.delete(key),
  }
}
