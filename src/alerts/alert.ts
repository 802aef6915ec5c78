import type { AlertProvider as AlertProviderObject } from '../api/alert-provider.ts'
import type { Canary } from '../api/canary.ts'
import type { Reading } from '../api/read-object.ts'
import type { OutboxEntry } from '../api/status.ts'
import type { SendHttp } from '../http-call.ts'
import type { Io } from '../io.ts'

/** Where an alert goes. `address` and `token` are secrets: they appear in no log and no error. */
export interface AlertTarget {
  readonly address: string
  readonly channel: string
  readonly username: string
  readonly token?: string
  readonly proxy?: string
}

/** What an alert says, apart from where it goes. */
export interface AlertMessage {
  readonly canary: Canary
  readonly entry: OutboxEntry
  readonly clusterName: string
}

/** The way out. */
export interface Line {
  readonly send: SendHttp
  readonly io: Io
}

/** One chat system. */
export interface AlertProvider {
  readonly name: string
  /** What keeps every message from being sent there; undefined when nothing does. Pure. */
  problem(target: AlertTarget): string | undefined
  /** The body to POST, exactly as the chat system expects it. Pure. */
  payload(message: AlertMessage, target: AlertTarget): Readonly<Record<string, unknown>>
  /** Sends it. @throws {DeliveryFailed} retry | terminal: with the answer's status, never the address */
  send(message: AlertMessage, target: AlertTarget, line: Line): Promise<void>
}

/** What the controller lends for delivering: caches and one Secret read. */
export interface AlertLookup {
  /** As it was read: nothing is sent to one with problems. */
  provider(namespace: string, name: string): Pick<Reading<AlertProviderObject>, 'object' | 'problems'> | undefined
  /** Decoded; undefined when it does not exist. */
  secret(namespace: string, name: string, io: Io): Promise<Readonly<Record<string, string>> | undefined>
}

/** The chat system of the whole controller. */
export interface GlobalAlert {
  readonly type: string
  readonly target: AlertTarget
}

/** Delivers one outbox entry, whatever its channel. Rejects when it did not get there; the outbox tries again. */
export type Deliver = (canary: Canary, entry: OutboxEntry, io: Io) => Promise<void>
