import { aDeployment, aPod, aService, aTemplate, aWidget, deployments, services, widgets } from '../builders.ts'
import { type Chapter, get, made, mergePatch, ok, post } from '../contract-case.ts'

const dryRun = (path: string): string => `${path}?dryRun=All`

/** What the server fills in, and what it throws away. */
export const defaulting: Chapter = {
  about: 'defaults',
  cases: [
    {
      name: 'a Deployment gets its defaults',
      steps: [
        [
          post(deployments, {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: 'web' },
            spec: {
              selector: { matchLabels: { app: 'web' } },
              template: aTemplate('web', [
                { name: 'web', image: 'web:1.0', ports: [{ containerPort: 80 }], readinessProbe: { httpGet: { port: 80 } } },
              ]),
            },
          }),
          made(
            {},
            {
              whole: {
                '/spec': {
                  replicas: 1,
                  selector: { matchLabels: { app: 'web' } },
                  template: {
                    metadata: { labels: { app: 'web' } },
                    spec: {
                      containers: [
                        {
                          name: 'web',
                          image: 'web:1.0',
                          ports: [{ containerPort: 80, protocol: 'TCP' }],
                          resources: {},
                          readinessProbe: {
                            httpGet: { path: '/', port: 80, scheme: 'HTTP' },
                            timeoutSeconds: 1,
                            periodSeconds: 10,
                            successThreshold: 1,
                            failureThreshold: 3,
                          },
                          terminationMessagePath: '/dev/termination-log',
                          terminationMessagePolicy: 'File',
                          imagePullPolicy: 'IfNotPresent',
                        },
                      ],
                      restartPolicy: 'Always',
                      terminationGracePeriodSeconds: 30,
                      dnsPolicy: 'ClusterFirst',
                      securityContext: {},
                      schedulerName: 'default-scheduler',
                    },
                  },
                  strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
                  revisionHistoryLimit: 10,
                  progressDeadlineSeconds: 600,
                },
                '/status': {},
              },
            },
          ),
        ],
      ],
    },
    {
      name: 'an image without a version is always pulled',
      steps: [
        [
          post(dryRun(deployments), aDeployment('web', { template: aTemplate('web', [{ name: 'web', image: 'web' }]) })),
          made({ spec: { template: { spec: { containers: [{ imagePullPolicy: 'Always' }] } } } }),
        ],
      ],
    },
    {
      name: 'what is set to null gets its default',
      steps: [
        [post(deployments, aDeployment('web', { revisionHistoryLimit: 3 })), made()],
        [mergePatch(`${deployments}/web`, { spec: { revisionHistoryLimit: null } }), ok({ spec: { revisionHistoryLimit: 10 } })],
      ],
    },
    {
      name: 'a Service gets its defaults and an address',
      steps: [
        [
          post(services, aService('s', { ports: [{ port: 80 }] })),
          made(
            { spec: { clusterIPs: ['{{any}}'] }, status: { loadBalancer: {} } },
            { whole: { '/spec/ports': [{ protocol: 'TCP', port: 80, targetPort: 80 }] } },
          ),
          { keep: { address: '/spec/clusterIP' } },
        ],
        [
          get(`${services}/s`),
          ok(
            {},
            {
              whole: {
                '/spec': {
                  selector: { app: 's' },
                  ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }],
                  clusterIP: '{{address}}',
                  clusterIPs: ['{{address}}'],
                  type: 'ClusterIP',
                  sessionAffinity: 'None',
                  ipFamilies: ['IPv4'],
                  ipFamilyPolicy: 'SingleStack',
                  internalTrafficPolicy: 'Cluster',
                },
              },
            },
          ),
        ],
      ],
    },
    {
      name: 'a headless Service has no address',
      steps: [[post(services, aService('s', { clusterIP: 'None' })), made({ spec: { clusterIP: 'None', clusterIPs: ['None'] } })]],
    },
    {
      name: 'a Service that is a name elsewhere has no address',
      steps: [
        [
          post(services, { ...aService('s'), spec: { type: 'ExternalName', externalName: 'example.com' } }),
          made({ spec: { type: 'ExternalName' } }, { absent: ['/spec/clusterIP', '/spec/ipFamilies'] }),
        ],
      ],
    },
    {
      name: 'a pod starts pending, with what admission adds',
      steps: [
        [
          post(dryRun('/api/v1/namespaces/{{ns}}/pods'), aPod('p')),
          made({
            spec: {
              containers: [{ name: 'web', imagePullPolicy: 'IfNotPresent', resources: {} }],
              restartPolicy: 'Always',
              enableServiceLinks: true,
              priority: 0,
              preemptionPolicy: 'PreemptLowerPriority',
              tolerations: [
                { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
                { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
              ],
            },
            status: { phase: 'Pending', qosClass: 'BestEffort' },
          }),
          { eventually: true },
        ],
      ],
    },
    {
      name: 'a HorizontalPodAutoscaler looks at the CPU',
      steps: [
        [
          post('/apis/autoscaling/v2/namespaces/{{ns}}/horizontalpodautoscalers', {
            apiVersion: 'autoscaling/v2',
            kind: 'HorizontalPodAutoscaler',
            metadata: { name: 'h' },
            spec: { maxReplicas: 4, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
          }),
          made(
            {
              spec: {
                minReplicas: 1,
                metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
              },
            },
            { absent: ['/spec/behavior'] },
          ),
        ],
      ],
    },
    {
      name: 'clear text of a Secret becomes data',
      steps: [
        [
          post('/api/v1/namespaces/{{ns}}/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } }),
          made({ type: 'Opaque' }, { whole: { '/data': { a: 'Yg==' } }, absent: ['/stringData'] }),
        ],
      ],
    },
    {
      name: 'a defined kind gets the defaults of its definition, at every depth',
      steps: [[post(widgets, aWidget('w')), made({}, { whole: { '/spec': { size: 3, color: 'red', nested: { depth: 3 } } } })]],
    },
    {
      name: 'null gets the default, unless null is allowed',
      steps: [
        [
          post(widgets, aWidget('w', { color: null, maybe: null })),
          made({}, { whole: { '/spec': { size: 3, color: 'red', maybe: null, nested: { depth: 3 } } } }),
        ],
      ],
    },
    {
      name: 'fields that a definition does not know are dropped',
      steps: [
        [
          post(widgets, { ...aWidget('w', { nope: 1, parts: [{ name: 'a', nope: 2 }], nested: { nope: 3 } }), other: 4 }),
          made({ spec: { parts: [{ name: 'a' }] } }, { absent: ['/spec/nope', '/spec/parts/0/nope', '/spec/nested/nope', '/other'] }),
        ],
      ],
    },
    {
      name: 'fields are kept where a definition says so',
      steps: [
        [
          post(widgets, aWidget('w', { free: { any: [{ thing: null }] }, notes: { a: 'b' } })),
          made({}, { whole: { '/spec/free': { any: [{ thing: null }] }, '/spec/notes': { a: 'b' } } }),
        ],
      ],
    },
    {
      name: 'numbers and strings go where both are allowed',
      steps: [
        [post(widgets, aWidget('w', { port: 80 })), made({ spec: { port: 80 } })],
        [mergePatch(`${widgets}/w`, { spec: { port: 'http' } }), ok({ spec: { port: 'http' } })],
      ],
    },
  ],
}
