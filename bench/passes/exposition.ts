/** Samples of one scrape in the text format of Prometheus, summed over their labels except `le`. */
export type Scrape = ReadonlyMap<string, number>

const sampleLine = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/
const bucketLabel = /(?:^|,)le="([^"]+)"/

/** Reads a scrape; the buckets of a histogram are kept as `name_bucket LE`. */
export const readScrape = (text: string): Scrape => {
  const samples = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? []
    if (name === '') continue
    const bucket = bucketLabel.exec(labels)?.[1]
    const key = bucket === undefined ? name : `${name} ${bucket}`
    samples.set(key, (samples.get(key) ?? 0) + Number(value))
  }
  return samples
}

export const sampleOf = (scrape: Scrape, name: string): number => scrape.get(name) ?? 0

/** How much a counter grew. */
export const growth = (name: string, before: Scrape, after: Scrape): number => sampleOf(after, name) - sampleOf(before, name)

/** The bucket bound, in milliseconds, under which `percent` of what was observed between two scrapes lies; NaN of nothing. */
export const boundMs = (histogram: string, percent: number, [before, after]: readonly [Scrape, Scrape]): number => {
  const total = growth(`${histogram}_count`, before, after)
  const buckets = [...after.keys()]
    .filter(key => key.startsWith(`${histogram}_bucket `))
    .map(key => ({ bound: Number(key.slice(key.indexOf(' ') + 1).replace('+Inf', 'Infinity')), count: growth(key, before, after) }))
    .toSorted((a, b) => a.bound - b.bound)
  if (total === 0) return Number.NaN
  return (buckets.find(({ count }) => count >= (percent / 100) * total)?.bound ?? Number.NaN) * 1000
}
