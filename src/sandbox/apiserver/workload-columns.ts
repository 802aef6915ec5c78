import { type Cell, column, conditionOf, count, labelPairs, number, orNone, text, wide } from './column-cells.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from './json-value.ts'
import type { PrinterColumn } from './resource.ts'
import { selectorText } from './scaling.ts'
import { ageColumn, agoText } from './tables.ts'

const containersOf = (object: JsonObject): readonly unknown[] => {
  const spec = objectAt(object, 'spec')
  // A CronJob's pods stand one template deeper.
  const holder = 'jobTemplate' in spec ? objectAt(objectAt(spec, 'jobTemplate'), 'spec') : spec
  return listAt(objectAt(objectAt(holder, 'template'), 'spec'), 'containers')
}

const templateColumns = wide([
  column('Containers', object =>
    containersOf(object)
      .map(container => textAt(container, 'name'))
      .join(','),
  ),
  column('Images', object =>
    containersOf(object)
      .map(container => textAt(container, 'image'))
      .join(','),
  ),
  column('Selector', object => orNone(selectorText(objectAt(object['spec'], 'selector')))),
])

const readyOf = (object: JsonObject): string => `${number(object, 'status', 'readyReplicas')}/${number(object, 'spec', 'replicas')}`

const jobStatus: Cell = object => {
  if (textAt(conditionOf(object, 'Complete'), 'status') === 'True') return 'Complete'
  if (textAt(conditionOf(object, 'Failed'), 'status') === 'True') return 'Failed'
  return valueAt(object, ['spec', 'suspend']) === true ? 'Suspended' : 'Running'
}

const jobDuration: Cell = (object, nowMs) => {
  const start = valueAt(object, ['status', 'startTime'])
  const end = valueAt(object, ['status', 'completionTime'])
  if (typeof start !== 'string') return null
  return agoText(start, typeof end === 'string' ? Date.parse(end) : nowMs)
}

/** What `kubectl get` shows of workloads after the name. */
export const workloadColumns: Readonly<Record<string, readonly PrinterColumn[]>> = {
  'deployments.apps': [
    column('Ready', readyOf),
    column('Up-to-date', object => number(object, 'status', 'updatedReplicas')),
    column('Available', object => number(object, 'status', 'availableReplicas')),
    ageColumn,
    ...templateColumns,
  ],
  'replicasets.apps': [
    count('Desired', object => number(object, 'spec', 'replicas')),
    count('Current', object => number(object, 'status', 'replicas')),
    count('Ready', object => number(object, 'status', 'readyReplicas')),
    ageColumn,
    ...templateColumns,
  ],
  'daemonsets.apps': [
    count('Desired', object => number(object, 'status', 'desiredNumberScheduled')),
    count('Current', object => number(object, 'status', 'currentNumberScheduled')),
    count('Ready', object => number(object, 'status', 'numberReady')),
    count('Up-to-date', object => number(object, 'status', 'updatedNumberScheduled')),
    count('Available', object => number(object, 'status', 'numberAvailable')),
    column('Node Selector', object => labelPairs(objectAt(objectAt(objectAt(object['spec'], 'template'), 'spec'), 'nodeSelector'))),
    ageColumn,
    ...templateColumns,
  ],
  'statefulsets.apps': [column('Ready', readyOf), ageColumn, ...templateColumns.slice(0, 2)],
  'controllerrevisions.apps': [
    column('Controller', object => {
      const owner = listAt(object['metadata'], 'ownerReferences').find(one => isObject(one) && one['controller'] === true)
      return owner === undefined ? '<none>' : `${textAt(owner, 'kind').toLowerCase()}/${textAt(owner, 'name')}`
    }),
    column('Revision', object => number(object, 'revision')),
    ageColumn,
  ],
  'jobs.batch': [
    column('Status', jobStatus),
    column('Completions', object => `${number(object, 'status', 'succeeded')}/${number(object, 'spec', 'completions')}`),
    column('Duration', jobDuration),
    ageColumn,
    ...templateColumns,
  ],
  'cronjobs.batch': [
    column('Schedule', text('spec', 'schedule')),
    column('Timezone', text('spec', 'timeZone')),
    column('Suspend', object => valueAt(object, ['spec', 'suspend']) === true, 'boolean'),
    count('Active', object => listAt(object['status'], 'active').length),
    column('Last Schedule', (object, nowMs) => {
      const last = valueAt(object, ['status', 'lastScheduleTime'])
      return last === undefined ? '<none>' : agoText(last, nowMs)
    }),
    ageColumn,
    ...templateColumns,
  ],
}
