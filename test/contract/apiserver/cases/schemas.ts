import { aWidget, widgets } from '../builders.ts'
import { doubled, missing, mistyped, unasked, unsupported, wrong } from '../causes.ts'
import { type Chapter, invalid, made, mergePatch, post, refused } from '../contract-case.ts'

const widget = 'Widget.contract.serin.test "w"'

/** What a schema refuses, and in which words. */
export const schemas: Chapter = {
  about: 'schemas of defined kinds',
  cases: [
    {
      name: 'a value of another type',
      steps: [
        [
          post(widgets, aWidget('w', { color: 5 })),
          invalid(widget, mistyped('spec.color', 'integer', 'string'), unsupported('spec.color', 5, ['red', 'blue']), unasked),
        ],
      ],
    },
    {
      name: 'a value of another type where a number is scaled',
      steps: [
        [
          post(widgets, aWidget('w', { size: 'x' })),
          invalid(
            widget,
            mistyped('spec.size', 'string', 'integer'),
            wrong('.spec.size', 0, '.spec.size accessor error: x is of the type string, expected int64'),
            unasked,
          ),
        ],
      ],
    },
    {
      name: 'a value that is not one of those allowed',
      steps: [
        [post(widgets, aWidget('w', { color: 'pink' })), invalid(widget, unsupported('spec.color', 'pink', ['red', 'blue']), unasked)],
      ],
    },
    {
      name: 'a number that is too small',
      steps: [
        [
          post(widgets, aWidget('w', { size: 0 })),
          invalid(widget, wrong('spec.size', 0, 'spec.size in body should be greater than or equal to 1')),
        ],
      ],
    },
    {
      name: 'a text that does not match',
      steps: [
        [post(widgets, aWidget('w', { mode: 'A' })), invalid(widget, wrong('spec.mode', 'A', "spec.mode in body should match '^[a-z]+$'"))],
      ],
    },
    {
      name: 'a text that is too long',
      steps: [
        [
          post(widgets, aWidget('w', { mode: 'abcdefghi' })),
          invalid(widget, ['FieldValueTooLong', 'spec.mode', 'Too long: may not be more than 8 bytes'], unasked),
        ],
      ],
    },
    {
      name: 'a list that is too long',
      steps: [
        [
          post(widgets, aWidget('w', { weights: [1, 2, 3, 4, 5, 6] })),
          invalid(widget, ['FieldValueTooMany', 'spec.weights', 'Too many: 6: must have at most 5 items'], unasked),
        ],
      ],
    },
    {
      name: 'a date that is none',
      steps: [
        [
          post(widgets, aWidget('w', { since: 'soon' })),
          invalid(
            widget,
            ['FieldValueTypeInvalid', 'spec.since', 'Invalid value: "soon": spec.since in body must be of type date-time: "soon"'],
            unasked,
          ),
        ],
      ],
    },
    {
      name: 'a field that is missing',
      steps: [[post(widgets, { ...aWidget('w'), spec: {} }), invalid(widget, missing('spec.size'), unasked)]],
    },
    {
      name: 'a spec that is missing',
      steps: [[post(widgets, { ...aWidget('w'), spec: undefined }), invalid(widget, missing('spec'), unasked)]],
    },
    {
      name: 'null where there is no default',
      steps: [[post(widgets, aWidget('w', { size: null })), invalid(widget, missing('spec.size'), unasked)]],
    },
    {
      name: 'items of a list map with the same key',
      steps: [
        [post(widgets, aWidget('w', { parts: [{ name: 'a' }, { name: 'a' }] })), invalid(widget, doubled('spec.parts[1]', { name: 'a' }))],
      ],
    },
    {
      name: 'a value twice in a set',
      steps: [[post(widgets, aWidget('w', { tags: ['a', 'b', 'a'] })), invalid(widget, doubled('spec.tags[2]', 'a'))]],
    },
    {
      name: 'a field that is missing in an item',
      steps: [[post(widgets, aWidget('w', { parts: [{ value: 1 }] })), invalid(widget, missing('spec.parts[0].name'), unasked)]],
    },
    {
      name: 'neither number nor text where one of them is wanted',
      steps: [[post(widgets, aWidget('w', { port: true })), invalid(widget, mistyped('spec.port', 'boolean', 'integer,string'), unasked)]],
    },
    {
      name: 'a status of another type',
      steps: [
        [post(widgets, aWidget('w')), made()],
        [
          mergePatch(`${widgets}/w/status`, { status: { phase: 3 } }),
          invalid(
            widget,
            ['FieldValueTypeInvalid', 'status.phase', 'Invalid value: "integer": phase in body must be of type string: "integer"'],
            unasked,
          ),
        ],
      ],
    },
    {
      name: 'several faults at once',
      steps: [
        [
          post(widgets, aWidget('w', { size: 0, weights: [1, 2, 3, 4, 5, 6] })),
          refused('422 Invalid', '{{any}}spec.size in body should be greater than or equal to 1{{any}}'),
        ],
      ],
    },
  ],
}
