import { aCanary, aWidget, canaries, widgets } from '../builders.ts'
import { wrong } from '../causes.ts'
import { apply, type Chapter, get, invalid, made, mergePatch, ok, post, put, refused, watch } from '../contract-case.ts'

const oldCanaries = '/apis/flagger.app/v1alpha3/namespaces/{{ns}}/canaries'
const oldWidgets = '/apis/contract.serin.test/v1alpha1/namespaces/{{ns}}/widgets'
const anOldCanary = (name: string) => ({ ...aCanary(name), apiVersion: 'flagger.app/v1alpha3' })
const deprecation = 'flagger.app/v1alpha3 is deprecated; write flagger.app/v1beta1'

/** One object in several versions of its kind. */
export const versions: Chapter = {
  about: 'versions of a kind',
  cases: [
    {
      name: 'an object is read in each version that is served',
      steps: [
        [post(canaries, aCanary('web')), made({ apiVersion: 'flagger.app/v1beta1' }), { keep: { uid: '/metadata/uid' } }],
        [
          get(`${oldCanaries}/web`),
          ok({ apiVersion: 'flagger.app/v1alpha3', metadata: { uid: '{{uid}}' }, spec: { service: { port: 80 } } }),
        ],
        [get(oldCanaries), ok({ apiVersion: 'flagger.app/v1alpha3', items: [{ apiVersion: 'flagger.app/v1alpha3' }] })],
      ],
    },
    {
      name: 'an object is written in each version that is served',
      steps: [
        [
          post(oldCanaries, anOldCanary('web')),
          made({ apiVersion: 'flagger.app/v1alpha3', metadata: { managedFields: [{ apiVersion: 'flagger.app/v1alpha3' }] } }),
        ],
        [
          get(`${canaries}/web`),
          ok({ apiVersion: 'flagger.app/v1beta1', metadata: { managedFields: [{ apiVersion: 'flagger.app/v1alpha3' }] } }),
        ],
        [
          mergePatch(`${oldCanaries}/web`, { spec: { suspend: true } }),
          ok({ apiVersion: 'flagger.app/v1alpha3', spec: { suspend: true } }),
        ],
      ],
    },
    {
      name: 'a version on its way out says so',
      steps: [
        [post(oldCanaries, anOldCanary('web')), made({}, { warnings: [deprecation] })],
        [get(`${oldCanaries}/web`), ok({}, { warnings: [deprecation] })],
        [get(`${canaries}/web`), ok({}, { warnings: [] })],
      ],
    },
    {
      name: 'a version that is not served is not there',
      steps: [[get('/apis/contract.serin.test/v0/namespaces/{{ns}}/widgets'), { code: 404 }]],
    },
    {
      name: 'a body is of the version of its path',
      steps: [
        [
          post(canaries, anOldCanary('web')),
          refused(
            '400 BadRequest',
            'the API version in the data (flagger.app/v1alpha3) does not match the expected API version (flagger.app/v1beta1)',
          ),
        ],
        [
          post(widgets, { ...aWidget('w'), kind: 'Gadget' }),
          invalid('Gadget.contract.serin.test "w"', wrong('kind', 'Gadget', 'must be Widget')),
        ],
      ],
    },
    {
      name: 'a watch speaks the version of its path',
      steps: [
        [get(canaries), ok(), { keep: { rv: '/metadata/resourceVersion' } }],
        [post(canaries, aCanary('web')), made()],
        [
          watch(`${oldCanaries}?resourceVersion={{rv}}`, 1),
          ok([{ type: 'ADDED', object: { apiVersion: 'flagger.app/v1alpha3', metadata: { name: 'web' } } }], { warnings: [deprecation] }),
        ],
      ],
    },
    {
      name: 'fields applied in one version conflict in another',
      steps: [
        [apply(`${oldCanaries}/web`, 'fieldManager=git', anOldCanary('web')), made()],
        [
          apply(`${canaries}/web`, 'fieldManager=serin', aCanary('web', { service: { port: 81 } })),
          refused('409 Conflict', 'Apply failed with 1 conflict: conflict with "git": .spec.service.port'),
        ],
      ],
    },
    {
      name: 'a version that lets everything through stores what the stored version knows',
      steps: [
        [
          post(oldWidgets, {
            apiVersion: 'contract.serin.test/v1alpha1',
            kind: 'Widget',
            metadata: { name: 'w' },
            spec: { size: 3, extra: 1 },
          }),
          made({ spec: { size: 3, color: 'red' } }, { absent: ['/spec/extra'] }),
        ],
        [get(`${widgets}/w`), ok({ spec: { size: 3, color: 'red' } })],
      ],
    },
    {
      name: 'a replacement of a defined kind says which version it replaces',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          put(`${widgets}/w`, aWidget('w')),
          {
            code: 422,
            body: {
              reason: 'Invalid',
              message:
                'widgets.contract.serin.test "w" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
              details: { group: 'contract.serin.test', kind: 'widgets', name: 'w' },
            },
          },
        ],
      ],
    },
  ],
}
