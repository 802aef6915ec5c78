import type { Canary } from '../api/canary.ts'
import type { Metric } from '../api/metric.ts'
import type { MetricTemplate } from '../api/metric-template.ts'
import type { Reading } from '../api/read-object.ts'
import type { Measurement } from '../core/evidence.ts'
import type { Proxies } from '../http-call.ts'
import type { Io } from '../io.ts'

/** Contents of a Secret, decoded; kept only for the length of one question. */
export type SecretData = Readonly<Record<string, string>>

/** What a store is asked through: address, credentials, and the finished query. */
export interface MetricQuestion {
  /** Base URL of the store. */
  readonly address: string
  /** Fully rendered query in the store's own language. */
  readonly query: string
  readonly headers?: Readonly<Record<string, readonly string[]>>
  readonly secret?: SecretData
  readonly region?: string
  readonly insecureSkipVerify?: boolean
  /** Window of the metric, for stores that are asked for a range. */
  readonly intervalMs: number
}

/** What a store answered: a finite number, or why there is none. Never throws for anything that comes from outside. */
export type MetricAnswer = { readonly value: number } | { readonly silence: NonNullable<Measurement['silence']> }

/** One kind of metric store. One HTTP call per question, with its own time-out; answers are capped in size. */
export interface MetricStore {
  readonly name: string
  ask(question: MetricQuestion, io: Io): Promise<MetricAnswer>
  /** Whether it answers at all: undefined when it does, else why not. */
  probe(question: Omit<MetricQuestion, 'query' | 'intervalMs'>, io: Io): Promise<string | undefined>
}

/** A store whose connections stay open between questions. */
export interface OpenMetricStore extends MetricStore {
  /** Ends its connections; questions that are still open fail. */
  close(): void
}

/** A kind of metric store that a MetricTemplate may name; opened once per process. */
export interface MetricProvider {
  readonly name: string
  open(options?: StoreOptions): OpenMetricStore
}

/** How a store is to be asked. */
export interface StoreOptions {
  readonly proxies?: Proxies | undefined
  /** Ask questions of several canaries in one request, where the store's language can do that. Off unless it is said. */
  readonly batching?: boolean | undefined
}

/** Hears of every question, for counting. */
export interface MetricObserver {
  /** A store of this kind was asked; `error` when it could not be, or refused. */
  asked(store: string, outcome: 'ok' | 'error'): void
  /** A question was answered by what the same question got. */
  shared(store: string): void
}

/** What the controller lends for measuring: caches and one Secret read. */
export interface MetricLookup {
  /** As it was read: one with problems is not asked. */
  template(namespace: string, name: string): Pick<Reading<MetricTemplate>, 'object' | 'problems'> | undefined
  /** Undefined when it does not exist. */
  secret(namespace: string, name: string, io: Io): Promise<SecretData | undefined>
  /** What queries call the route to the canary, where the target keeps its revisions itself: the name of its latest one. */
  route?(canary: Canary): string | undefined
}

/** Flags of the controller that shape measuring. */
export interface MetricOptions {
  readonly metricsServer: string
  readonly meshProvider: string
  readonly noCrossNamespaceRefs: boolean
}

/** Asks every metric of a Canary, side by side, and reads the answers in the terms of the checks. Never throws. */
export interface Measurer {
  measure(canary: Canary, metrics: readonly Metric[], io: Io): Promise<readonly Measurement[]>
  /** Problems of stores that do not answer, for the event at initialization; empty when all do. */
  probe(canary: Canary, io: Io): Promise<readonly string[]>
}
