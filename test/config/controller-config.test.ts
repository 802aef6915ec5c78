import { describe, expect, it } from 'vitest'
import { type ControllerConfig, readControllerConfig } from '../../src/config/controller-config.ts'
import type { Environment } from '../../src/config/read-settings.ts'

const configOf = (argv: readonly string[], env: Environment = {}): ControllerConfig => {
  const reading = readControllerConfig(argv, env)
  if (reading.kind !== 'run') throw new Error(JSON.stringify(reading))
  return reading.config
}

const refusalOf = (argv: readonly string[], env: Environment = {}): string => {
  const reading = readControllerConfig(argv, env)
  return reading.kind === 'refused' ? reading.text : reading.kind
}

describe('the configuration of the controller', () => {
  it('has the defaults of the field', () => {
    expect(configOf([])).toMatchObject({
      meshProvider: 'istio',
      metricsServer: 'http://prometheus:9090',
      batchQueries: true,
      selectorLabels: ['app', 'name', 'app.kubernetes.io/name'],
      includeLabelPrefix: [],
      configTracking: true,
      noCrossNamespaceRefs: false,
      minIntervalMs: 10_000,
      leaderElection: { enabled: false, namespace: 'kube-system' },
      port: 8080,
      logLevel: 'debug',
      logFormat: 'json',
      globalAlert: undefined,
      eventWebhook: '',
    })
  })

  it('takes the arguments that the published chart and bases write', () => {
    const argv = ['-log-level=info', '-mesh-provider=gatewayapi:v1', '-metrics-server=http://p:9090', '-enable-config-tracking=true']
    argv.push(
      '-slack-user=flagger',
      '-enable-leader-election=true',
      '-leader-election-namespace=ns',
      '-include-label-prefix=app.kubernetes.io',
    )
    expect(configOf(argv)).toMatchObject({ meshProvider: 'gatewayapi:v1', leaderElection: { enabled: true, namespace: 'ns' } })
  })

  it('reads lists with blanks around their items', () => {
    expect(configOf(['-selector-labels=tier, app ,']).selectorLabels).toEqual(['tier', 'app'])
  })

  it.each(['1', 't', 'T', 'true', 'TRUE', 'True'])('takes %s for true', word => {
    expect(configOf([`-no-cross-namespace-refs=${word}`]).noCrossNamespaceRefs).toBe(true)
  })

  it('keeps the lease in the watched namespace', () => {
    expect(configOf(['-namespace=a', '-leader-election-namespace=x']).leaderElection.namespace).toBe('a')
  })

  it.each([
    ['warning', 'warn'],
    ['warn', 'warn'],
    ['panic', 'fatal'],
  ])('takes the log level %s for %s', (written, level) => {
    expect(configOf([`-log-level=${written}`]).logLevel).toBe(level)
  })

  it.each([
    [['-zap-encoding=console'], 'text'],
    [['-zap-encoding=json'], 'json'],
    [['-zap-encoding=console', '-log-format=json'], 'json'],
    [['-log-format=text'], 'text'],
  ])('logs with %j as %s', (argv, format) => {
    expect(configOf(argv).logFormat).toBe(format)
  })

  it('sends global alerts to Slack', () => {
    const argv = ['-slack-url=http://slack/hook', '-slack-channel=ops', '-slack-token=t', '-slack-proxy-url=http://proxy']
    expect(configOf(argv).globalAlert).toEqual({
      type: 'slack',
      target: { address: 'http://slack/hook', channel: 'ops', username: 'flagger', token: 't', proxy: 'http://proxy' },
    })
  })

  it('lets Teams take the place of Slack', () => {
    expect(configOf(['-slack-url=http://slack', '-msteams-url=http://teams']).globalAlert).toMatchObject({
      type: 'msteams',
      target: { address: 'http://teams' },
    })
  })

  it('lets the environment win over the flag', () => {
    expect(configOf(['-slack-url=http://flag'], { SLACK_URL: 'http://env' }).globalAlert?.target.address).toBe('http://env')
  })

  it('takes an empty environment variable for none', () => {
    expect(configOf(['-event-webhook=http://flag'], { EVENT_WEBHOOK_URL: '' }).eventWebhook).toBe('http://flag')
  })

  it('reads no environment variable but those of the field', () => {
    // A Service called serin puts SERIN_PORT=tcp://... into every pod beside it.
    expect(configOf([], { SERIN_PORT: 'tcp://10.0.0.1:80', PORT: '1' }).port).toBe(8080)
  })

  it.each([
    ['-version', 'version'],
    ['--version=true', 'version'],
    ['-h', 'help'],
    ['--help', 'help'],
  ])('asks with %s for the %s', (flag, kind) => {
    expect(readControllerConfig([flag], {}).kind).toBe(kind)
  })

  it('prints each flag with its default in the help, and no value of a secret', () => {
    const reading = readControllerConfig(['-h'], { SLACK_URL: 'http://s3cret' })
    const text = reading.kind === 'help' ? reading.text : ''
    expect(text).toContain('  -metrics-server url\n')
    expect(text).toContain('(default http://prometheus:9090)')
    expect(text).toContain('(env SLACK_URL)')
    expect(text).not.toContain('s3cret')
  })

  it.each([
    ['-v=4', 'log settings are -log-level and -log-format'],
    ['-logtostderr', 'log settings are -log-level and -log-format'],
    ['-threadiness=4', 'Canaries do not wait for each other'],
    ['-kubeconfig-qps=1', 'the API server sets the pace'],
  ])('accepts %s and says that it has no effect', (flag, why) => {
    expect(readControllerConfig([flag], {})).toMatchObject({ kind: 'run', notes: [expect.stringContaining(why)] })
  })

  it.each([
    [['-mesh-provder=istio'], 'unknown flag -mesh-provder, did you mean -mesh-provider?'],
    [['-mesh-provider=istioo'], '-mesh-provider: expected one of apisix, appmesh'],
    [['-metrics-server='], '-metrics-server: expected an address such as http://host:9090, got ""'],
    [['-metrics-server=prometheus:9090'], '-metrics-server: expected an address such as http://host:9090, got "prometheus:9090"'],
    [['-port=http'], '-port: expected a whole number from 0 to 65535, got "http"'],
    [['-control-loop-interval=soon'], '-control-loop-interval: expected a duration such as 30s or 1m30s, at least 0s, got "soon"'],
    [['-drain=1000h'], '-drain: expected a duration such as 30s or 1m30s'],
    [['-log-level=loud'], '-log-level: expected one of debug, info, warn, error, fatal, got "loud"'],
    [
      ['-enable-config-tracking', 'false'],
      'unexpected argument "false", expected a flag such as -port=8080; a switch takes its value after =',
    ],
    [['-enable-config-tracking=maybe'], '-enable-config-tracking: expected true or false, got "maybe"'],
    [['-retry-period=20s'], '-retry-period: expected less than -renew-deadline, got "20s"'],
    [['-lease-duration=5s'], '-renew-deadline: expected less than -lease-duration, got "10s"'],
    [['-kubeconfig-service-mesh=/mesh'], 'routing objects in another cluster are not supported yet'],
  ])('refuses %j', (argv, words) => {
    expect(refusalOf(argv)).toContain(words)
  })

  it('names every problem at once, and where to look', () => {
    const text = refusalOf(['-port=x', '-drain=y'])
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^serin controller: -(port|drain): /),
      expect.stringMatching(/^serin controller: -(port|drain): /),
      'Run "serin controller -h" for all flags.',
      '',
    ])
  })

  it('ends with exit code 2 when it is refused', () => {
    expect(readControllerConfig(['-x'], {})).toMatchObject({ exitCode: 2 })
  })

  it('never shows a secret that it refuses', () => {
    const text = refusalOf(['-msteams-url=s3cret'], { SLACK_URL: 's3cret', EVENT_WEBHOOK_URL: 's3cret' })
    expect(text).not.toContain('s3cret')
    expect(text).toContain('-slack-url or SLACK_URL: expected an address such as http://host:9090, got a value that is not shown')
  })

  it('refuses a provider that is not built in', () => {
    const reading = readControllerConfig(['-mesh-provider=kuma'], {}, { builtIn: ['istio', 'kubernetes'] })
    expect(reading).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('"kuma" is not built in yet, expected one of istio, kubernetes'),
    })
  })
})
