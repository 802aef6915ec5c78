import { describe, expect, it } from 'vitest'
import type { ServiceSpec } from '../../src/api/service.ts'
import { discoveredPorts } from '../../src/targets/port-discovery.ts'
import { aCanary } from '../support/builders.ts'
import { aTarget, inspected, templateIn } from './world.ts'

const podinfoPorts = [{ containerPort: 9898, name: 'http' }, { containerPort: 8080, name: 'http-metrics' }, { containerPort: 8888 }]
const service = (changes: Readonly<Record<string, unknown>>): ServiceSpec =>
  aCanary({ spec: { service: { portDiscovery: true, ...changes } } }).spec.service
const listed = (changes: Readonly<Record<string, unknown>>, ...containers: readonly Readonly<Record<string, unknown>>[]) =>
  discoveredPorts(service(changes), templateIn(aTarget({ pod: { containers } }))).map(
    ({ name, port, protocol }) => `${name} ${port}/${protocol}`,
  )

const podinfo = { name: 'podinfo', ports: podinfoPorts }

describe('port discovery', () => {
  it.each([
    ['the port number', { port: 9898 }, ['http-metrics 8080/TCP', 'tcp-podinfo-2 8888/TCP']],
    ['the target port number', { port: 80, targetPort: 9898 }, ['http-metrics 8080/TCP', 'tcp-podinfo-2 8888/TCP']],
    ['the target port name', { port: 80, targetPort: 'http' }, ['http-metrics 8080/TCP', 'tcp-podinfo-2 8888/TCP']],
  ])('leaves out the main port by %s', (_how, changes, expected) => expect(listed(changes, podinfo)).toEqual(expected))

  it('leaves out a port whose number the main port has, because a Service takes it once', () =>
    expect(listed({ port: 8080, targetPort: 'http' }, podinfo)).toEqual(['tcp-podinfo-2 8888/TCP']))

  it('makes up a name where the main port has it', () =>
    expect(listed({ port: 80, portName: 'http-metrics' }, podinfo)).toEqual([
      'http 9898/TCP',
      'tcp-podinfo-1 8080/TCP',
      'tcp-podinfo-2 8888/TCP',
    ]))

  it('keeps the protocol', () =>
    expect(
      listed(
        { port: 80 },
        {
          name: 'dns',
          ports: [
            { containerPort: 53, protocol: 'UDP' },
            { containerPort: 53, name: 'dns-tcp' },
          ],
        },
      ),
    ).toEqual(['udp-dns-0 53/UDP', 'dns-tcp 53/TCP']))

  it('skips the proxies of meshes', () =>
    expect(
      listed({ port: 80 }, { name: 'istio-proxy', ports: [{ containerPort: 15_090 }] }, { name: 'envoy', ports: [{ containerPort: 1 }] }),
    ).toEqual([]))

  it('takes a number once', () =>
    expect(
      listed(
        { port: 80 },
        { name: 'a', ports: [{ containerPort: 81, name: 'x' }] },
        { name: 'b', ports: [{ containerPort: 81, name: 'y' }] },
      ),
    ).toEqual(['x 81/TCP']))

  it('takes the later of two ports of one name', () =>
    expect(
      listed(
        { port: 80 },
        { name: 'a', ports: [{ containerPort: 81, name: 'x' }] },
        { name: 'b', ports: [{ containerPort: 82, name: 'x' }] },
      ),
    ).toEqual(['x 82/TCP']))

  it('makes names that a Service takes', () => {
    const [port] = discoveredPorts(
      service({ port: 80 }),
      templateIn(aTarget({ pod: { containers: [{ name: 'a'.repeat(63), ports: [{ containerPort: 81 }] }] } })),
    )
    expect(port?.name.length).toBeLessThanOrEqual(63)
  })

  it('happens only where the Canary asks for it', () => expect(inspected(aTarget({ pod: { containers: [podinfo] } })).ports).toEqual([]))

  it('is part of looking at the target', () => {
    const canary = aCanary({ spec: { service: { port: 9898, portDiscovery: true } } })
    expect(inspected(aTarget({ pod: { containers: [podinfo] } }), canary).ports).toContainEqual({
      name: 'http-metrics',
      port: 8080,
      targetPort: 8080,
      protocol: 'TCP',
    })
  })
})
