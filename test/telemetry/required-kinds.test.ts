import { beforeEach, describe, expect, it } from 'vitest'
import { alertProviderKind, canaryKind, metricTemplateKind, serviceKind } from '../../src/api/kinds.ts'
import { type RequiredKinds, requireKinds } from '../../src/telemetry/required-kinds.ts'
import { type RecordingLogger, recordingLogger } from '../support/io.ts'

describe('kinds without which there is nothing to do', () => {
  let log: RecordingLogger
  let kinds: RequiredKinds
  beforeEach(() => {
    log = recordingLogger()
    kinds = requireKinds([canaryKind, metricTemplateKind, alertProviderKind], log)
  })

  it('are well before anything is known of them', () => expect(kinds.health()).toBeUndefined())

  it('are named when the cluster does not serve them', () => {
    kinds.ended(metricTemplateKind, 'NotFound')
    kinds.ended(canaryKind, 'NotFound')
    expect(kinds.health()).toBe('CRD is not registered: MetricTemplate, Canary; apply the CRDs of this version')
  })

  it('are well again when they can be listed', () => {
    kinds.ended(metricTemplateKind, 'NotFound')
    kinds.listed(metricTemplateKind)
    expect(kinds.health()).toBeUndefined()
  })

  it('are logged once while they are missing', () => {
    for (let turn = 0; turn < 3; turn += 1) kinds.ended(metricTemplateKind, 'NotFound')
    expect(log.lines).toMatchObject([{ level: 'error', message: 'CRD is not registered', fields: { kind: 'MetricTemplate' } }])
  })

  it.each(['Ended', 'Forbidden', 'Unreachable'])('are not missing because a watch ended with %s', code => {
    kinds.ended(canaryKind, code)
    expect(kinds.health()).toBeUndefined()
  })

  it('are not those of a mesh, or of anybody else', () => {
    kinds.ended(serviceKind, 'NotFound')
    expect(kinds.health()).toBeUndefined()
  })
})
