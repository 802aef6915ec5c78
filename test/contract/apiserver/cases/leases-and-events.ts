import { aLease, events, leases } from '../builders.ts'
import { wrong } from '../causes.ts'
import { apply, type Chapter, get, invalid, made, mergePatch, ok, post, put, refused } from '../contract-case.ts'

const stale = 'the object has been modified; please apply your changes to the latest version and try again'

const anEvent = (name: string, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name },
  involvedObject: { kind: 'Canary', namespace: '{{ns}}', name: 'web', apiVersion: 'flagger.app/v1beta1' },
  reason: 'Synced',
  message: 'shifted traffic',
  type: 'Normal',
  source: { component: 'serin' },
  ...rest,
})

/** What leader election and event recorders rely on. */
export const leasesAndEvents: Chapter = {
  about: 'leases and events',
  cases: [
    {
      name: 'a Lease keeps its times to the microsecond',
      steps: [
        [
          post(
            leases,
            aLease('l', {
              holderIdentity: 'a',
              leaseDurationSeconds: 15,
              leaseTransitions: 0,
              acquireTime: '2026-01-01T00:00:00.123456Z',
              renewTime: '2026-01-01T00:00:00.000000Z',
            }),
          ),
          made({
            spec: {
              holderIdentity: 'a',
              leaseDurationSeconds: 15,
              leaseTransitions: 0,
              acquireTime: '2026-01-01T00:00:00.123456Z',
              renewTime: '2026-01-01T00:00:00.000000Z',
            },
          }),
        ],
      ],
    },
    {
      name: 'of two that renew a Lease one is too late',
      steps: [
        [post(leases, aLease('l', { holderIdentity: 'a' })), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [put(`${leases}/l`, aLease('l', { holderIdentity: 'b' }, { resourceVersion: '{{rv}}' })), ok({ spec: { holderIdentity: 'b' } })],
        [
          put(`${leases}/l`, aLease('l', { holderIdentity: 'c' }, { resourceVersion: '{{rv}}' })),
          refused('409 Conflict', `Operation cannot be fulfilled on leases.coordination.k8s.io "l": ${stale}`, {
            name: 'l',
            group: 'coordination.k8s.io',
            kind: 'leases',
          }),
        ],
      ],
    },
    {
      name: 'a Lease is not replaced blindly',
      steps: [
        [post(leases, aLease('l', { holderIdentity: 'a' })), made()],
        [
          put(`${leases}/l`, aLease('l', { holderIdentity: 'b' })),
          refused(
            '422 Invalid',
            'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
            {
              causes: [
                {
                  reason: 'FieldValueInvalid',
                  message: 'Invalid value: 0: must be specified for an update',
                  field: 'metadata.resourceVersion',
                },
              ],
            },
          ),
        ],
      ],
    },
    {
      name: 'a Lease lasts longer than nothing',
      steps: [
        [
          post(leases, aLease('l', { leaseDurationSeconds: 0 })),
          invalid('Lease.coordination.k8s.io "l"', wrong('spec.leaseDurationSeconds', 0, 'must be greater than 0')),
        ],
      ],
    },
    {
      name: 'an Event is read in both of its groups',
      steps: [
        [
          post(events, anEvent('e', { count: 2, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:01:00Z' })),
          made({
            involvedObject: { kind: 'Canary', name: 'web' },
            source: { component: 'serin' },
            count: 2,
            eventTime: null,
            reportingComponent: '',
            reportingInstance: '',
          }),
        ],
        [
          get('/apis/events.k8s.io/v1/namespaces/{{ns}}/events/e'),
          ok({
            apiVersion: 'events.k8s.io/v1',
            kind: 'Event',
            note: 'shifted traffic',
            regarding: { kind: 'Canary', name: 'web' },
            reason: 'Synced',
            deprecatedCount: 2,
            deprecatedSource: { component: 'serin' },
          }),
        ],
      ],
    },
    {
      name: 'an Event that happens again is counted by a patch',
      steps: [
        [post(events, anEvent('e', { count: 1 })), made()],
        [
          mergePatch(`${events}/e`, { count: 2, lastTimestamp: '2026-01-01T00:02:00Z' }),
          ok({ count: 2, lastTimestamp: '2026-01-01T00:02:00Z' }),
        ],
      ],
    },
    {
      name: 'an Event may be applied',
      steps: [
        [apply(`${events}/e`, 'fieldManager=serin', anEvent('e')), made({ message: 'shifted traffic' })],
        [apply(`${events}/e`, 'fieldManager=serin', anEvent('e', { message: 'shifted more' })), ok({ message: 'shifted more' })],
      ],
    },
    {
      name: 'Events are selected by what they are about',
      steps: [
        [post(events, anEvent('e')), made()],
        [post(events, anEvent('f', { involvedObject: { kind: 'Canary', namespace: '{{ns}}', name: 'other' } })), made()],
        [
          get(`${events}?fieldSelector=involvedObject.kind%3DCanary,involvedObject.name%3Dweb,type%3DNormal`),
          ok({ items: [{ metadata: { name: 'e' } }] }),
        ],
        [get(`${events}?fieldSelector=reason%3DNothing`), ok({}, { whole: { '/items': [] } })],
      ],
    },
    {
      name: 'an Event is in the namespace of what it is about',
      steps: [
        [
          post(events, anEvent('e', { involvedObject: { kind: 'Canary', namespace: 'other', name: 'web' } })),
          invalid('Event "e"', wrong('involvedObject.namespace', 'other', 'does not match event.namespace')),
        ],
      ],
    },
  ],
}
