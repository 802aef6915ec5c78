import { aConfigMap, aDeployment, aWidget, configMaps, deployments, widgets } from '../builders.ts'
import { missing, wrong } from '../causes.ts'
import { apply, type Chapter, invalid, made, mergePatch, post, refused } from '../contract-case.ts'

/** What server-side apply does not take. */
export const refusedApplies: Chapter = {
  about: 'what server-side apply refuses',
  cases: [
    {
      name: 'who applies says who it is',
      steps: [
        [
          apply(`${configMaps}/a`, '', aConfigMap('a')),
          invalid('PatchOptions.meta.k8s.io ""', missing('fieldManager', 'is required for apply patch')),
        ],
      ],
    },
    {
      name: 'force is for apply alone',
      steps: [
        [post(configMaps, aConfigMap('a')), made()],
        [
          mergePatch(`${configMaps}/a?force=true`, {}),
          invalid('PatchOptions.meta.k8s.io ""', ['FieldValueForbidden', 'force', 'Forbidden: may not be specified for non-apply patch']),
        ],
      ],
    },
    {
      name: 'a manager has a short name that can be printed',
      steps: [
        [
          apply(`${configMaps}/a`, `fieldManager=${'x'.repeat(129)}`, aConfigMap('a')),
          invalid('PatchOptions.meta.k8s.io ""', ['FieldValueTooLong', 'fieldManager', 'Too long: may not be more than 128 bytes']),
        ],
      ],
    },
    {
      name: 'what is applied has the name of its path',
      steps: [
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('b')),
          refused('400 BadRequest', 'the name of the object (b) does not match the name on the URL (a)'),
        ],
      ],
    },
    {
      name: 'what is applied brings no managedFields',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a')), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', {}, { managedFields: [] })),
          refused('400 BadRequest', 'metadata.managedFields must be nil'),
        ],
      ],
    },
    {
      name: 'what is applied holds declared fields only',
      steps: [
        [
          apply(`${deployments}/web`, 'fieldManager=git', aDeployment('web', { nope: 1 })),
          refused('500', 'failed to create typed patch object (/web; apps/v1, Kind=Deployment): .spec.nope: field not declared in schema'),
        ],
        [
          apply(`${widgets}/w`, 'fieldManager=git', aWidget('w', { nope: 1 })),
          refused(
            '500',
            'failed to create typed patch object (/w; contract.serin.test/v1, Kind=Widget): .spec.nope: field not declared in schema',
          ),
        ],
      ],
    },
    {
      name: 'a uid that is gone is not applied to anew',
      steps: [
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', {}, { uid: 'gone' })),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid gone, and no existing object was found',
          ),
        ],
      ],
    },
    {
      name: 'another uid than that of the object is a wrong field',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a')), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', {}, { uid: 'other' })),
          invalid(
            'ConfigMap "a"',
            wrong('metadata.uid', 'other', 'field is immutable'),
            wrong('metadata.uid', 'other', 'field is immutable'),
          ),
        ],
      ],
    },
    {
      name: 'another uid with another version, as of one that was deleted and made again, is a conflict',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a')), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', {}, { uid: 'other', resourceVersion: '1' })),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
          ),
        ],
      ],
    },
    {
      name: 'a version that was applied is a precondition',
      steps: [
        [apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a')), made()],
        [
          apply(`${configMaps}/a`, 'fieldManager=git', aConfigMap('a', {}, { resourceVersion: '1' })),
          refused(
            '409 Conflict',
            'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
          ),
        ],
      ],
    },
  ],
}
