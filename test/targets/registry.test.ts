import { describe, expect, it } from 'vitest'
import { UnknownProvider } from '../../src/registry.ts'
import { scalers, workloads } from '../../src/targets/registry.ts'

describe('kinds of targets and scalers', () => {
  it('are found by the kind that a Canary names', () =>
    expect([workloads.get('Deployment').kind.plural, scalers.get('HorizontalPodAutoscaler').kind.apiVersion]).toEqual([
      'deployments',
      'autoscaling/v2',
    ]))

  it('refuse the target StatefulSet, which is not built, with those that are', () =>
    expect(() => workloads.get('StatefulSet')).toThrow(
      new UnknownProvider(
        'unknown target provider "StatefulSet", expected one of: Service, DaemonSet, Deployment, Service.serving.knative.dev',
      ),
    ))

  it('refuse a scaler that is not built with those that are', () =>
    expect(() => scalers.get('VerticalPodAutoscaler')).toThrow('expected one of: HorizontalPodAutoscaler, ScaledObject'))
})
