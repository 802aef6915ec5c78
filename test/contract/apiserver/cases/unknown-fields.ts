import { aDeployment, aWidget, deployments, widgets } from '../builders.ts'
import { unsupported } from '../causes.ts'
import { type Chapter, invalid, made, mergePatch, ok, post, put, refused } from '../contract-case.ts'

const knowing = (mode: string): string => `${widgets}?fieldValidation=${mode}`

/** What is done about fields nobody knows. */
export const unknownFields: Chapter = {
  about: 'unknown fields',
  cases: [
    {
      name: 'are warned of unless the client says otherwise',
      steps: [
        [post(deployments, aDeployment('web', { nope: 1 })), made({}, { warnings: ['unknown field "spec.nope"'], absent: ['/spec/nope'] })],
        [
          post(widgets, aWidget('w', { nope: 1, parts: [{ name: 'a', no: 1 }] })),
          made({}, { warnings: ['unknown field "spec.nope"', 'unknown field "spec.parts[0].no"'] }),
        ],
      ],
    },
    {
      name: 'are ignored on request',
      steps: [[post(knowing('Ignore'), aWidget('w', { nope: 1 })), made({}, { warnings: [], absent: ['/spec/nope'] })]],
    },
    {
      name: 'are refused on request',
      steps: [
        [
          post(knowing('Strict'), aWidget('w', { nope: 1 })),
          refused(
            '400 BadRequest',
            'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.nope"',
          ),
        ],
        [
          post(`${deployments}?fieldValidation=Strict`, aDeployment('web', { nope: 1, no: 2 })),
          refused(
            '400 BadRequest',
            'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.nope", unknown field "spec.no"',
          ),
        ],
        [
          post(knowing('Strict'), aWidget('w', {}, { foo: 'x' })),
          refused(
            '400 BadRequest',
            'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.foo"',
          ),
        ],
      ],
    },
    {
      name: 'are refused in replacements and patches alike',
      steps: [
        [post(widgets, aWidget('w')), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [
          put(`${widgets}/w?fieldValidation=Strict`, aWidget('w', { nope: 1 }, { resourceVersion: '{{rv}}' })),
          refused(
            '400 BadRequest',
            'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.nope"',
          ),
        ],
        [
          mergePatch(`${widgets}/w?fieldValidation=Strict`, { spec: { nope: 1 } }),
          invalid(' ""', ['FieldValueInvalid', 'patch', 'Invalid value: "{{any}}": strict decoding error: unknown field "spec.nope"']),
        ],
        [mergePatch(`${widgets}/w`, { spec: { nope: 1 } }), ok({}, { warnings: ['unknown field "spec.nope"'] })],
      ],
    },
    {
      name: 'twice the same field is once too often',
      steps: [
        [
          post(
            knowing('Strict'),
            '{"apiVersion":"contract.serin.test/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":1,"size":2}}',
          ),
          refused(
            '400 BadRequest',
            'Widget in version "v1" cannot be handled as a Widget: strict decoding error: duplicate field "spec.size"',
          ),
        ],
        [
          post(widgets, '{"apiVersion":"contract.serin.test/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"size":1,"size":2}}'),
          made({ spec: { size: 2 } }, { warnings: ['duplicate field "spec.size"'] }),
        ],
      ],
    },
    {
      name: 'the mode is one of three',
      steps: [
        [
          post(knowing('Sometimes'), aWidget('w')),
          invalid('CreateOptions.meta.k8s.io ""', unsupported('fieldValidation', 'Sometimes', ['', 'Ignore', 'Strict', 'Warn'])),
        ],
      ],
    },
  ],
}
