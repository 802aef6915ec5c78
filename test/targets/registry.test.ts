import { describe, expect, it } from 'vitest'
import { UnknownProvider } from '../../src/registry.ts'
import { scalers, workloads } from '../../src/targets/registry.ts'

describe('kinds of targets and scalers', () => {
  it('are found by the kind that a Canary names', () =>
    expect([workloads.get('Deployment').kind.plural, scalers.get('HorizontalPodAutoscaler').kind.apiVersion]).toEqual([
      'deployments',
      'autoscaling/v2',
    ]))

  it('refuse the target Service, which is not built yet, with those that are', () =>
    expect(() => workloads.get('Service')).toThrow(
      new UnknownProvider('unknown target provider "Service", expected one of: DaemonSet, Deployment'),
    ))

  it('refuse the scaler ScaledObject, which is not built yet, with those that are', () =>
    expect(() => scalers.get('ScaledObject')).toThrow('expected one of: HorizontalPodAutoscaler'))
})
