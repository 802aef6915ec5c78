import { defineRegistry } from '../registry.ts'
import { coalesced } from './coalescing.ts'
import { measurerOf } from './measurer.ts'
import type { Measurer, MetricLookup, MetricObserver, MetricOptions, StoreOptions } from './metric-store.ts'
import { prometheus } from './prometheus.ts'

/** Metric stores that can be asked. A new one is one new file and one name here. */
export const metricStores = defineRegistry('metric', [prometheus])

export interface MeasurerOptions extends StoreOptions {
  readonly lookup: MetricLookup
  readonly options: MetricOptions
  readonly observer?: MetricObserver
}

/** Measures over every store there is. Connections are kept between questions: close it at the end. */
export const createMeasurer = ({ lookup, options, observer = unobserved, ...how }: MeasurerOptions): Measurer & { close(): void } => {
  const open = metricStores.all.map(provider => coalesced(provider.open(how), observer))
  return {
    ...measurerOf({ lookup, options, stores: defineRegistry('metric', open) }),
    close: () => {
      for (const store of open) store.close()
    },
  }
}

const unobserved: MetricObserver = { asked() {}, shared() {} }
