import { aCanary, aWidget, canaries, widgets } from '../builders.ts'
import { missing, ruled, unasked } from '../causes.ts'
import { type Chapter, invalid, made, mergePatch, ok, post } from '../contract-case.ts'

const widget = 'Widget.contract.serin.test "w"'
const canary = 'Canary.flagger.app "web"'

/** `x-kubernetes-validations`, those of our own Canary among them. */
export const rules: Chapter = {
  about: 'rules of defined kinds',
  cases: [
    {
      name: 'a broken rule says its message',
      steps: [[post(widgets, aWidget('w', { size: 11 })), invalid(widget, ruled('spec', 'size is at most 10'))]],
    },
    {
      name: 'every broken rule is said',
      steps: [
        [
          post(widgets, aWidget('w', { size: 11, weights: [3, 1] })),
          invalid(widget, ruled('spec', 'size is at most 10'), ruled('spec.weights', 'weights rise')),
        ],
      ],
    },
    {
      name: 'a rule can work its message out, and say which field and what kind of fault',
      steps: [
        [
          post(widgets, aWidget('w', { mode: 'off' })),
          invalid(widget, ['FieldValueForbidden', 'spec.mode', 'Forbidden: mode off is not to be had']),
        ],
      ],
    },
    {
      name: 'a rule can compare with what was',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [mergePatch(`${widgets}/w`, { spec: { size: 2 } }), invalid(widget, ruled('spec', 'size never shrinks'))],
        [mergePatch(`${widgets}/w`, { spec: { size: 4 } }), ok()],
      ],
    },
    {
      name: 'a Canary needs an analysis',
      steps: [
        [
          post(canaries, aCanary('web', { analysis: undefined })),
          invalid(canary, ruled('spec', 'expected spec.analysis, got nothing; add it')),
        ],
      ],
    },
    {
      name: 'a Canary needs a port',
      steps: [
        [
          post(canaries, aCanary('web', { service: {} })),
          invalid(canary, ruled('spec', 'expected spec.service.port, got nothing; add it, for example port: 80')),
        ],
      ],
    },
    {
      name: 'a Canary needs gateways for the Gateway API',
      steps: [
        [
          post(canaries, aCanary('web', { provider: 'gatewayapi:v1' })),
          invalid(canary, ruled('spec', 'provider gatewayapi:v1 needs spec.service.gatewayRefs; add it')),
        ],
      ],
    },
    {
      name: 'the steps of a Canary rise',
      steps: [
        [
          post(canaries, aCanary('web', { analysis: { interval: '1m', threshold: 5, stepWeights: [10, 5] } })),
          invalid(
            canary,
            ruled('spec.analysis.stepWeights', 'stepWeights must rise from step to step; remove or reorder the step that does not'),
          ),
        ],
      ],
    },
    {
      name: 'a Canary says in one way how it advances',
      steps: [
        [
          post(canaries, aCanary('web', { analysis: { interval: '1m', threshold: 5, stepWeight: 10, iterations: 5 } })),
          invalid(
            canary,
            ruled('spec.analysis', 'expected exactly one of iterations, stepWeight and stepWeights; remove the others, or add one'),
          ),
        ],
      ],
    },
    {
      name: 'a Canary says how often and how much it bears',
      steps: [
        [
          post(canaries, aCanary('web', { analysis: { stepWeight: 10 } })),
          invalid(
            canary,
            ruled('spec.analysis', 'expected interval and threshold; add what is missing, for example interval: 1m and threshold: 5'),
          ),
        ],
      ],
    },
    {
      name: 'the name of what a Canary releases leaves room for -primary',
      steps: [
        [
          post(canaries, aCanary('web', { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x'.repeat(56) } })),
          invalid(
            canary,
            ruled('spec', 'the name of the Service has at most 55 characters, so that -primary can follow; set a shorter service.name'),
          ),
        ],
      ],
    },
    {
      name: 'a Canary that breaks no rule is taken',
      steps: [[post(canaries, aCanary('web')), made({ spec: { analysis: { interval: '1m', threshold: 5, stepWeight: 10 } } })]],
    },
    {
      name: 'a Canary says what it releases',
      steps: [[post(canaries, aCanary('web', { targetRef: undefined })), invalid(canary, missing('spec.targetRef'), unasked)]],
    },
  ],
}
