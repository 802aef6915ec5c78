import type { KubeObject } from '../../src/api/object.ts'

export type Fields = Readonly<Record<string, unknown>>

/** Changes of a manifest; a field set to undefined is left out. */
export interface Changes {
  readonly spec?: Fields
  readonly service?: Fields
  readonly analysis?: Fields
}

/** A Canary as people write it: as little as the API server takes. */
export const canaryManifest = ({ spec = {}, service = {}, analysis = {} }: Changes = {}): KubeObject =>
  JSON.parse(
    JSON.stringify({
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      metadata: { name: 'podinfo', namespace: 'test' },
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
        service: { port: 9898, ...service },
        analysis: { interval: '1m', threshold: 5, stepWeight: 10, maxWeight: 50, ...analysis },
        ...spec,
      },
    }),
  )

/** The same in the API version of 2019, with as little as was needed then. */
export const legacyManifest = (spec: Fields = {}): KubeObject => ({
  apiVersion: 'flagger.app/v1alpha3',
  kind: 'Canary',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: {
    targetRef: { kind: 'Deployment', name: 'podinfo' },
    service: { targetPort: 9898 },
    canaryAnalysis: { interval: '1m', threshold: 5, stepWeight: 10 },
    ...spec,
  },
})
