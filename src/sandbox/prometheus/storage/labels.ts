/** One label of a series. */
export type Label = readonly [name: string, value: string]

/** A label set: sorted by name, no name twice, no empty value (an empty value means that the label is absent). */
export type Labels = readonly Label[]

/** The label that holds the metric name. */
export const metricName = '__name__'

export const noLabels: Labels = []

const byName = ([a]: Label, [b]: Label): number => (a < b ? -1 : a > b ? 1 : 0)

/** Builds a label set; of a name given twice the last one counts. */
export const labelsOf = (pairs: Iterable<Label> | Readonly<Record<string, string>>): Labels => {
  const entries = Symbol.iterator in pairs ? (pairs as Iterable<Label>) : Object.entries(pairs)
  return [...new Map(entries)].filter(([, value]) => value !== '').sort(byName)
}

/** The value of a label, empty when absent. */
export const labelValue = (labels: Labels, name: string): string => labels.find(([own]) => own === name)?.[1] ?? ''

export const keepLabels = (labels: Labels, names: ReadonlySet<string>): Labels => labels.filter(([name]) => names.has(name))

export const dropLabels = (labels: Labels, names: ReadonlySet<string>): Labels => labels.filter(([name]) => !names.has(name))

export const withoutMetricName = (labels: Labels): Labels =>
  labels.some(([name]) => name === metricName) ? labels.filter(([name]) => name !== metricName) : labels

/** The set with one label changed; an empty value removes it. */
export const withLabel = (labels: Labels, name: string, value: string): Labels => labelsOf([...labels, [name, value]])

/** A text that two label sets share only when they are equal. */
export const signatureOf = (labels: Labels): string => {
  let text = ''
  for (const [name, value] of labels) text += `${name}\xfe${value}\xff`
  return text
}

/** As JSON answers carry it. */
export const recordOf = (labels: Labels): Record<string, string> => Object.fromEntries(labels)

/** As messages print it: `{job="a", pod="b"}`. */
export const labelsText = (labels: Labels): string => `{${labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
