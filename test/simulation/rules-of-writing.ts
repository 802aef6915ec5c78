import { type Canary, providerOf } from '../../src/api/canary.ts'
import { keyText } from '../../src/api/object.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { isForeign } from '../../src/core/take-over.ts'
import { routers } from '../../src/routing/registry.ts'
import { tellsPassword } from './configuration.ts'
import { chatSecret } from './outside.ts'
import { isStatusWrite, type RuleMaker, weightOf } from './rule-book.ts'

/** S15: nothing of an earlier leader is taken after a later one wrote to the same object. */
export const leadersSucceed: RuleMaker = () => {
  const reigns: string[] = []
  const newest = new Map<string, number>()
  return ({ write, author }) => {
    if (author.epoch === undefined || write.before === write.after) return undefined
    const reign = `${author.process} ${author.epoch}`
    if (!reigns.includes(reign)) reigns.push(reign)
    const number = reigns.indexOf(reign)
    const object = `${write.kind.kind} ${keyText(write.key)}`
    const latest = newest.get(object) ?? 0
    newest.set(object, Math.max(latest, number))
    return number < latest ? `S15: ${reign} wrote after ${reigns[latest]}` : undefined
  }
}

const ownNames = /^podinfo(-primary|-canary|-conf-primary|-key-primary|-s\d+-[0-9a-z]+)?$/

/** S16 and S18: only what belongs to the Canary of its team is touched, and only what Serin made is deleted. */
export const ownsWhatItWrites: RuleMaker = () => {
  return ({ write, canary }) => {
    const { namespace, name } = write.key
    if (namespace !== canary.metadata.namespace) return `S18: wrote to namespace ${namespace}`
    const isRival = write.kind.kind === 'Canary' // what a second Canary may write is the business of S17
    if (!ownNames.test(name) && !isRival) return `S16: wrote to ${name}, which belongs to nobody it knows`
    const isForeign = !write.before?.metadata.ownerReferences?.some(({ uid }) => uid === canary.metadata.uid)
    return write.verb === 'delete' && write.before && isForeign ? `S16: deleted ${name}, which it did not make` : undefined
  }
}

/** S23: whoever is asked to go takes no step forward. */
export const goesWhenAsked: RuleMaker = () => deed => {
  const { raw, canary, canaryBefore } = deed
  const isAsked = raw.metadata.deletionTimestamp !== undefined
  return isAsked && isStatusWrite(deed) && weightOf(canary) > weightOf(canaryBefore) ? 'S23: a step while it is being deleted' : undefined
}

/** Those by which users may come: that of the spec, and those that it left. */
const layersOf = (canary: Canary): readonly string[] => [
  providerOf(canary, 'gatewayapi:v1'),
  ...(canary.status.inventory ?? []).map(({ routing }) => routing),
]

/** A rollback is recorded; one whose record somebody erased is recorded anew. */
const returns = ({ status }: Canary): boolean => stateOf(status) === 'Failed.returning' && !isForeign(status)

/** S24: after a rollback was recorded nothing is written before the route, so that nobody waits for anything else. */
export const rollsBackFirst: RuleMaker = () => {
  const owing = new Map<string, string>()
  return deed => {
    const { write, author, raw, canary, canaryBefore, traffic, primary } = deed
    const isRoute = layersOf(canary).some(name => routers.get(name).kinds.some(({ kind }) => kind === write.kind.kind))
    const { uid, deletionTimestamp } = raw.metadata
    const owed = `${uid} ${deletionTimestamp}` // who deletes the Canary calls its rollback off
    const wasOwing = owing.get(author.process) === owed
    owing.delete(author.process)
    const begins = isStatusWrite(deed) && returns(canary) && !returns(canaryBefore)
    const hasAway = (traffic?.canary ?? 0) > 0 && canary.status.servingFrom !== 'canary' && (primary?.servingPods ?? 0) > 0
    if (begins && hasAway) owing.set(author.process, owed)
    if (!wasOwing || isRoute || begins || !hasAway) return undefined
    return `S24: ${write.verb} ${write.kind.kind} ${write.key.name} before the route of a rollback`
  }
}

/** S25: no secret gets into anything that is written, Events and logs among them; but for the copy of a Secret that the primary reads. */
export const tellsSecret = (where: string, said: unknown): boolean => {
  const text = JSON.stringify(said ?? '')
  return text.includes(chatSecret) || (!where.startsWith('Secret ') && tellsPassword(text))
}
