import type { KubeObject } from '../../api/object.ts'
import type { Clock } from '../../clock.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { type AddressPool, createAddressPool } from './service-addresses.ts'
import { createStorage, type Storage } from './storage.ts'

export interface KernelOptions {
  readonly clock: Clock
  /** Numbers in [0, 1): uids, generated names. Seed it for runs that can be repeated. */
  readonly random: () => number
  /** Where ClusterIPs come from. */
  readonly serviceCidr?: string
  /** How many changes of a kind watches can be replayed from. */
  readonly historyLimit?: number
}

/** What every verb works on. */
export interface Kernel {
  readonly clock: Clock
  readonly random: () => number
  readonly storage: Storage
  readonly catalogue: Catalogue
  readonly addresses: AddressPool
}

export const createKernel = ({ clock, random, serviceCidr = '127.96.0.0/16', historyLimit }: KernelOptions): Kernel => {
  const storage = createStorage(historyLimit === undefined ? {} : { historyLimit })
  return { clock, random, storage, catalogue: createCatalogue(), addresses: createAddressPool(storage, serviceCidr) }
}

/** Now as the API writes times: whole seconds, UTC. */
export const timestamp = ({ clock }: Kernel): string => timeText(clock.nowMs())

let lastTime = { ms: Number.NaN, text: '' }

/** Every write asks for the same moment again and again. */
export const timeText = (ms: number): string => {
  if (ms !== lastTime.ms) lastTime = { ms, text: `${new Date(ms).toISOString().slice(0, 19)}Z` }
  return lastTime.text
}

export const storageKey = (namespace: string, name: string): string => `${namespace}/${name}`

export const keyOfObject = ({ metadata }: KubeObject): string => storageKey(metadata.namespace ?? '', metadata.name)

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')

/** A random (version 4) uid. */
export const newUid = ({ random }: Kernel): string =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${(8 + Math.floor(random() * 4)).toString(16)}${hex(random, 3)}-${hex(random, 12)}`

const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789'

/** Five letters that spell no words, as generated names end in. */
export const nameSuffix = ({ random }: Kernel): string =>
  Array.from({ length: 5 }, () => suffixLetters[Math.floor(random() * suffixLetters.length)]).join('')
