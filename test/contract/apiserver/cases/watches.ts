import { aConfigMap, aSecret, configMaps, secrets, widgets } from '../builders.ts'
import { prohibited } from '../causes.ts'
import { type Chapter, compact, get, invalid, made, mergePatch, ok, post, refused, remove, type Step, watch } from '../contract-case.ts'

const labelled = (name: string, app: string) => ({ ...aSecret(name), metadata: { name, labels: { app } } })
const seen = (type: string, name: string, rest: object = {}) => ({
  type,
  object: { kind: 'Secret', apiVersion: 'v1', metadata: { name, ...rest } },
})
const from = (query: string): string => `${secrets}?resourceVersion={{rv}}&${query}`

const start: Step = [get(secrets), ok(), { keep: { rv: '/metadata/resourceVersion' } }]

/** Watches: from where, of what, and what they say at their ends. */
export const watches: Chapter = {
  about: 'watches',
  cases: [
    {
      name: 'a watch from a version tells everything that happened since',
      steps: [
        start,
        [post(secrets, labelled('a', 'x')), made(), { keep: { made: '/metadata/resourceVersion' } }],
        [mergePatch(`${secrets}/a`, { metadata: { labels: { app: 'y' } } }), ok(), { keep: { patched: '/metadata/resourceVersion' } }],
        [mergePatch(`${secrets}/a`, { metadata: { labels: { app: 'y' } } }), ok()],
        [remove(`${secrets}/a`), ok()],
        [post(secrets, labelled('b', 'x')), made()],
        [
          watch(from(''), 4),
          ok([
            seen('ADDED', 'a', { resourceVersion: '{{made}}', labels: { app: 'x' } }),
            seen('MODIFIED', 'a', { resourceVersion: '{{patched}}', labels: { app: 'y' } }),
            seen('DELETED', 'a', { resourceVersion: '{{any}}', labels: { app: 'y' } }),
            seen('ADDED', 'b'),
          ]),
        ],
      ],
    },
    {
      name: 'a watch from the version of an object tells what came after it',
      steps: [
        [post(secrets, aSecret('a')), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [post(secrets, aSecret('b')), made()],
        [watch(from(''), 1), ok([seen('ADDED', 'b')])],
      ],
    },
    {
      name: 'an open watch tells what happens',
      steps: [
        start,
        [
          watch(from(''), 2, {
            meanwhile: [
              [post(secrets, aSecret('a')), made()],
              [remove(`${secrets}/a`), ok()],
            ],
          }),
          ok([seen('ADDED', 'a'), seen('DELETED', 'a')]),
        ],
      ],
    },
    {
      name: 'a deleted object is told with the version of its end',
      steps: [
        [post(secrets, aSecret('a')), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [remove(`${secrets}/a`), ok()],
        [watch(from(''), 1), ok([seen('DELETED', 'a')]), { keep: { gone: '/0/object/metadata/resourceVersion' } }],
        [post(secrets, aSecret('b')), made()],
        [watch(`${secrets}?resourceVersion={{gone}}`, 1), ok([seen('ADDED', 'b')])],
      ],
    },
    {
      name: 'an object that waits for a finalizer is modified before it is deleted',
      steps: [
        start,
        [post(secrets, { ...aSecret('a'), metadata: { name: 'a', finalizers: ['contract.serin.test/a'] } }), made()],
        [remove(`${secrets}/a`), ok()],
        [mergePatch(`${secrets}/a`, { metadata: { finalizers: null } }), ok()],
        [
          watch(from(''), 3),
          ok([
            seen('ADDED', 'a', { finalizers: ['contract.serin.test/a'] }),
            seen('MODIFIED', 'a', { deletionTimestamp: '{{any}}', finalizers: ['contract.serin.test/a'] }),
            seen('DELETED', 'a', { deletionTimestamp: '{{any}}' }),
          ]),
        ],
      ],
    },
    {
      name: 'a selection is entered by adding and left by deleting',
      steps: [
        start,
        [post(secrets, labelled('a', 'x')), made()],
        [mergePatch(`${secrets}/a`, { metadata: { labels: { app: 'y' } } }), ok(), { keep: { left: '/metadata/resourceVersion' } }],
        [mergePatch(`${secrets}/a`, { metadata: { labels: { app: 'x' } } }), ok()],
        [
          watch(from('labelSelector=app%3Dx'), 3),
          ok([seen('ADDED', 'a'), seen('DELETED', 'a', { labels: { app: 'x' }, resourceVersion: '{{left}}' }), seen('ADDED', 'a')]),
        ],
      ],
    },
    {
      name: 'one object is watched by name',
      steps: [
        start,
        [post(secrets, aSecret('a')), made()],
        [post(secrets, aSecret('b')), made()],
        [watch(from('fieldSelector=metadata.name%3Db'), 1), ok([seen('ADDED', 'b')])],
        [{ ...watch('/api/v1/watch/namespaces/{{ns}}/secrets?resourceVersion={{rv}}', 2) }, ok([seen('ADDED', 'a'), seen('ADDED', 'b')])],
      ],
    },
    {
      name: 'a watch without a version begins with what is',
      steps: [
        [post(secrets, aSecret('a')), made()],
        [post(secrets, aSecret('b')), made()],
        [mergePatch(`${secrets}/b`, { metadata: { labels: { x: 'y' } } }), ok()],
        [watch(secrets, 2), ok([seen('ADDED', 'a'), seen('ADDED', 'b', { labels: { x: 'y' } })])],
      ],
    },
    {
      name: 'a watch may begin with what is, and say where that ends',
      needs: 'streaming',
      steps: [
        [post(secrets, aSecret('a')), made()],
        [
          watch(`${secrets}?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, 2),
          ok([
            seen('ADDED', 'a'),
            {
              type: 'BOOKMARK',
              object: {
                kind: 'Secret',
                apiVersion: 'v1',
                metadata: { resourceVersion: '{{any}}', annotations: { 'k8s.io/initial-events-end': 'true' } },
              },
            },
          ]),
        ],
      ],
    },
    {
      name: 'initial events need a version that may be later',
      steps: [
        [
          watch(`${secrets}?sendInitialEvents=true&allowWatchBookmarks=true`, 1),
          invalid(
            'ListOptions.meta.k8s.io ""',
            prohibited('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
          ),
        ],
        [
          watch(`${secrets}?resourceVersion=5&resourceVersionMatch=NotOlderThan`, 1),
          invalid(
            'ListOptions.meta.k8s.io ""',
            prohibited('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
          ),
        ],
      ],
    },
    {
      name: 'a bookmark says shortly before the end how far a watch has come',
      steps: [
        start,
        [post(secrets, aSecret('a')), made()],
        [
          watch(from('timeoutSeconds=3&allowWatchBookmarks=true'), 2),
          ok(
            [
              seen('ADDED', 'a'),
              { type: 'BOOKMARK', object: { kind: 'Secret', apiVersion: 'v1', metadata: { resourceVersion: '{{any}}' } } },
            ],
            { absent: ['/1/object/metadata/name', '/1/object/metadata/creationTimestamp'] },
          ),
          { eventually: true }, // a server that stood still for the last two seconds has no time for a bookmark
        ],
      ],
    },
    {
      name: 'a watch ends when its time is up, without bookmarks unless they were asked for',
      steps: [
        start,
        [post(secrets, aSecret('a')), made()],
        [watch(from('timeoutSeconds=3'), 'all'), ok([seen('ADDED', 'a')]), { eventually: true }],
      ],
    },
    {
      name: 'a watch may be of metadata only',
      steps: [
        start,
        [post(secrets, aSecret('a', { stringData: { k: 'hush' } })), made()],
        [
          watch(from(''), 1, { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' }),
          ok([{ type: 'ADDED', object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } } }], {
            absent: ['/0/object/data'],
          }),
        ],
      ],
    },
    {
      name: 'a watch may be a table, whose first event names the columns',
      steps: [
        start,
        [post(secrets, aSecret('a')), made()],
        [post(secrets, aSecret('b')), made()],
        [
          watch(from(''), 2, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' }),
          ok([
            {
              type: 'ADDED',
              object: {
                kind: 'Table',
                columnDefinitions: [{ name: 'Name' }, { name: 'Type' }, { name: 'Data' }, { name: 'Age' }],
                rows: [{ cells: ['a', 'Opaque', 0, '{{any}}'] }],
              },
            },
            {
              type: 'ADDED',
              object: {
                kind: 'Table',
                columnDefinitions: null,
                rows: [{ cells: ['b', 'Opaque', 0, '{{any}}'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'b' } } }],
              },
            },
          ]),
        ],
      ],
    },
    {
      name: 'a watch from a version that is none is refused',
      steps: [
        [
          watch(`${secrets}?resourceVersion=abc`, 1),
          refused('500', 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'),
        ],
      ],
    },
    {
      name: 'a watch of a selection that is none is refused',
      steps: [
        [
          watch(`${secrets}?labelSelector=a%20b`, 1),
          refused('400 BadRequest', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ],
      ],
    },
  ],
}

const goneObject = (message: string) => ({
  type: 'ERROR',
  object: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', message, code: 410 },
})

/** Old versions are forgotten: clients hear 410 and list again. */
export const forgetting: Chapter = {
  about: 'forgotten versions',
  alone: true,
  cases: [
    {
      name: 'the next page of a forgotten version has expired, and offers to go on with what is',
      needs: 'compaction',
      steps: [
        [post(configMaps, aConfigMap('a', {}, { labels: { mine: 'yes' } })), made()],
        [post(configMaps, aConfigMap('b', {}, { labels: { mine: 'yes' } })), made()],
        [
          get(`${configMaps}?limit=1&labelSelector=mine`),
          ok({ items: [{ metadata: { name: 'a' } }] }),
          { keep: { next: '/metadata/continue' } },
        ],
        [post(configMaps, aConfigMap('c', {}, { labels: { mine: 'yes' } })), made()],
        [compact, {}],
        [
          get(`${configMaps}?limit=1&labelSelector=mine&continue={{next}}`),
          refused(
            '410 Expired',
            'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
          ),
          { keep: { rest: '/metadata/continue' }, eventually: true },
        ],
        [
          get(`${configMaps}?limit=9&labelSelector=mine&continue={{rest}}`),
          ok({ items: [{ metadata: { name: 'b' } }, { metadata: { name: 'c' } }] }),
        ],
      ],
    },
    {
      name: 'a list of a forgotten version has expired',
      needs: 'compaction',
      steps: [
        [post(configMaps, aConfigMap('a')), made(), { keep: { rv: '/metadata/resourceVersion' } }],
        [post(configMaps, aConfigMap('b')), made()],
        [compact, {}],
        [
          get(`${configMaps}?resourceVersion={{rv}}&resourceVersionMatch=Exact`),
          refused('410 Expired', 'The resourceVersion for the provided list is too old.'),
          { eventually: true },
        ],
      ],
    },
    {
      name: 'a watch from a forgotten version hears of it as its only event',
      steps: [
        [compact, {}],
        [watch(`${widgets}?resourceVersion=1`, 'all'), ok([goneObject('too old resource version: 1 ({{any}})')])],
      ],
    },
  ],
}
