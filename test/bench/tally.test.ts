import { describe, expect, it } from 'vitest'
import { type AuditEntry, classOf, createTally } from '../../bench/passes/tally.ts'
import type { KubeObject } from '../../src/api/object.ts'

const entry = (verb: string, resource: string, parts: Partial<AuditEntry> = {}): AuditEntry => ({
  user: 'controller',
  userAgent: 'serin/1',
  verb,
  path: '/x',
  group: '',
  resource,
  namespace: 'team',
  name: 'app',
  subresource: '',
  code: 200,
  ...parts,
})

const canary = (status: Readonly<Record<string, unknown>>): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'app', namespace: 'team' },
  status,
})

const dueMs = Date.parse('2026-01-01T00:00:10Z')
const before = { phase: 'Progressing', canaryWeight: 10, nextEvidenceAt: '2026-01-01T00:00:10.000Z' }
const after = { phase: 'Progressing', canaryWeight: 20, nextEvidenceAt: '2026-01-01T00:00:20.000Z' }

describe('a request', () => {
  it.each([
    ['read', entry('get', 'deployments')],
    ['read', entry('list', 'canaries')],
    ['watch', entry('watch', 'canaries')],
    ['statusWrite', entry('update', 'canaries', { subresource: 'status' })],
    ['otherWrite', entry('patch', 'canaries')],
    ['routeWrite', entry('patch', 'httproutes')],
    ['read', entry('get', 'httproutes')],
    ['event', entry('create', 'events')],
    ['lease', entry('patch', 'leases')],
    ['lease', entry('get', 'leases')],
    ['otherWrite', entry('delete', 'controllerrevisions')],
  ] as const)('is a %s when it is %j', (name, request) => expect(classOf(request)).toBe(name))
})

describe('the tally', () => {
  it('names requests with their door, and refused ones with their code', () => {
    const tally = createTally()
    tally.request(entry('update', 'canaries', { subresource: 'status' }))
    tally.request(entry('update', 'canaries', { subresource: 'status', code: 409 }))
    expect(tally.take().byName).toEqual({ 'update canaries/status': 1, 'update canaries/status 409': 1 })
  })

  it('counts an analysis when its time was used up, with how late that was', () => {
    const tally = createTally()
    tally.status(canary(after), canary(before), dueMs + 12)
    expect(tally.take()).toMatchObject({ analyses: 1, steps: 1, latenessMs: [12], statusWritesByPhase: { Progressing: 1 } })
  })

  it('counts no analysis when its time is still to come', () => {
    const tally = createTally()
    tally.status(canary({ ...before, canaryWeight: 20 }), canary(before), dueMs)
    expect(tally.take()).toMatchObject({ analyses: 0, steps: 1 })
  })

  it('counts no analysis outside of a rollout', () => {
    const tally = createTally()
    tally.status(canary({ phase: 'Succeeded' }), canary({ ...before, phase: 'Finalising' }), dueMs)
    expect(tally.take().analyses).toBe(0)
  })

  it('takes a status that was never written as one of weight 0', () => {
    const tally = createTally()
    tally.status(canary({ phase: 'Initializing', canaryWeight: 0 }), canary({}), dueMs)
    expect(tally.take()).toMatchObject({ steps: 0, statusWritesByPhase: { none: 1 } })
  })

  it('begins anew when it was taken', () => {
    const tally = createTally()
    tally.request(entry('get', 'pods'))
    tally.status(canary(after), canary(before), dueMs)
    tally.take()
    expect(tally.take()).toMatchObject({ analyses: 0, steps: 0, byName: {}, requests: { read: 0 } })
  })
})
