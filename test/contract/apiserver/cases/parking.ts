import { aConfigMap, configMaps } from '../builders.ts'
import { apply, type Chapter, jsonPatch, made, mergePatch, ok } from '../contract-case.ts'

const app = `${configMaps}/app`

/** As it stands in Git: with its size, or without. No controller of the cluster writes to a ConfigMap, so that its owners are known. */
const inGit = (data: Readonly<Record<string, string>>) => aConfigMap('app', { color: 'red', ...data })

const sized = (size: string) => ({ data: { size } })
const park = mergePatch(`${app}?fieldManager=serin`, sized('0'))
const unpark = mergePatch(`${app}?fieldManager=serin`, sized('2'))

/** Gives up what a write made ours; the values stay. */
const giveBack = jsonPatch(`${app}?fieldManager=serin`, [
  { op: 'test', path: '/metadata/managedFields/1/manager', value: 'serin' },
  { op: 'remove', path: '/metadata/managedFields/1' },
])

const ownedBy = (...managers: readonly string[]) => ({ metadata: { managedFields: managers.map(manager => ({ manager })) } })

/** How a size is set for a while that somebody keeps in Git, and what becomes of that. */
export const parking: Chapter = {
  about: 'parking in peace with Git',
  cases: [
    {
      name: 'a size that is set persists where Git omits it',
      steps: [
        [apply(app, 'fieldManager=git', inGit({})), made()],
        [park, ok({ ...sized('0'), ...ownedBy('git', 'serin') })],
        [giveBack, ok({ ...sized('0'), ...ownedBy('git') })],
        [apply(app, 'fieldManager=git', inGit({ color: 'blue' })), ok({ data: { size: '0', color: 'blue' } })],
      ],
    },
    {
      name: 'Git that declares the size applies it again without a conflict',
      steps: [
        [apply(app, 'fieldManager=git', inGit({ size: '3' })), made()],
        [park, ok(sized('0'))],
        [giveBack, ok(ownedBy('git'))],
        [apply(app, 'fieldManager=git', inGit({ size: '3' })), ok(sized('3'))],
        [park, ok(sized('0'))],
        [giveBack, ok(ownedBy('git'))],
        [apply(app, 'fieldManager=git', inGit({})), ok(sized('0'))],
      ],
    },
    {
      name: 'setting the size takes it from whoever declared it',
      steps: [
        [
          apply(app, 'fieldManager=git', inGit({ size: '3' })),
          made({ metadata: { managedFields: [{ fieldsV1: { 'f:data': { 'f:size': {} } } }] } }),
        ],
        [park, ok({}, { absent: ['/metadata/managedFields/0/fieldsV1/f:data/f:size'] })],
      ],
    },
    {
      name: 'a size that is set twice and given back each time is in nobody’s way',
      steps: [
        [apply(app, 'fieldManager=git', inGit({})), made()],
        [park, ok()],
        [giveBack, ok(ownedBy('git'))],
        [unpark, ok(sized('2'))],
        [giveBack, ok(ownedBy('git'))],
        [apply(app, 'fieldManager=git', inGit({ size: '4' })), ok(sized('4'))],
      ],
    },
  ],
}
