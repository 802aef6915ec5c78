import type { ServerResponse } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { connect } from '../../src/kube/connect.ts'
import { createReflector } from '../../src/kube/reflector.ts'
import { testIo } from '../support/io.ts'
import { aDeployment, deployments } from '../support/kinds.ts'
import { json, loopbackServer } from '../support/loopback-server.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

interface Change {
  readonly version: number
  readonly line: string
}

/** A real server for Deployments on which a test does the writing and pulls the plugs. */
const deploymentServer = async () => {
  const objects = new Map<string, KubeObject>()
  const changes: Change[] = []
  const streams = new Set<ServerResponse>()
  let version = 1
  let compactedAt = 0
  const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
  const server = await loopbackServer((response, request) => {
    if (!request.query.has('watch'))
      return json({ metadata: { resourceVersion: String(version) }, items: [...objects.values()] })(response, request)
    const from = Number(request.query.get('resourceVersion'))
    if (from < compactedAt) return json(expired, 410)(response, request)
    response.writeHead(200).flushHeaders()
    for (const change of changes) if (change.version > from) response.write(change.line)
    streams.add(response)
    response.on('close', () => streams.delete(response))
  })
  const write = (name: string, replicas: number | undefined) => {
    version++
    const type = replicas === undefined ? 'DELETED' : objects.has(name) ? 'MODIFIED' : 'ADDED'
    const object = aDeployment({ name, uid: `uid-${name}`, resourceVersion: String(version) }, { spec: { replicas } })
    if (replicas === undefined) objects.delete(name)
    else objects.set(name, object)
    const line = `${JSON.stringify({ type, object })}\n`
    changes.push({ version, line })
    for (const stream of streams) stream.write(line)
  }
  return {
    server,
    streams,
    write,
    versions: () => [...objects.values()].map(({ metadata }) => metadata.resourceVersion),
    reset: () => {
      for (const stream of streams) stream.socket?.resetAndDestroy()
    },
    /** Sends half of a line, then closes. */
    truncate: () => {
      for (const stream of streams) stream.end('{"type":"MODIFIED","object":{"metadata":{"na')
      streams.clear()
    },
    /** A line that comes one byte at a time and never ends. */
    drip: (): (() => void) => {
      const dripping = [...streams]
      streams.clear()
      const timer = setInterval(() => {
        for (const stream of dripping) stream.write('{')
      }, 1)
      return () => clearInterval(timer)
    },
    /** A line that is as long as it likes. */
    flood: (bytes: number) => {
      const chunk = 'x'.repeat(64 * 1024)
      for (const stream of streams) {
        stream.write('{"type":"MODIFIED","object":{"metadata":{"name":"')
        for (let sent = 0; sent < bytes; sent += chunk.length) stream.write(chunk)
      }
      streams.clear()
    },
    /** The peer is gone and nobody tells: what is written from now on is lost. */
    halfOpen: () => streams.clear(),
    compact: () => {
      compactedAt = version
      changes.length = 0
    },
  }
}

const mirrored = async () => {
  const clock = new VirtualClock()
  const cluster = await deploymentServer()
  const { api, close } = connect({ server: cluster.server.url, clock })
  const stopper = new AbortController()
  const reflector = createReflector({ api, kind: deployments, random: () => 0.5 })
  const run = reflector.run(testIo({ clock, signal: stopper.signal }))
  const stop = async () => {
    stopper.abort()
    await run
    await close()
  }
  onTestFinished(stop)
  /** Real sockets take real turns of the event loop; virtual time only moves when nothing else helps. */
  const until = async (fact: () => boolean, stepMs = 0) => {
    while (!fact()) {
      if (stepMs > 0) await clock.advance(stepMs)
      for (let turn = 0; turn < 20 && !fact(); turn++) await settle()
    }
  }
  const isTrue = () => JSON.stringify(versionsOf(reflector.store.list())) === JSON.stringify(cluster.versions().sort())
  await until(() => cluster.streams.size === 1)
  return { ...cluster, clock, reflector, until, isTrue, stop }
}

const versionsOf = (objects: readonly KubeObject[]) => objects.map(({ metadata }) => metadata.resourceVersion).sort()

describe('a watch over real sockets', () => {
  it('comes back after a reset in the middle of a watch', async () => {
    const { write, reset, until, isTrue, streams } = await mirrored()
    write('a', 1)
    await until(isTrue)
    reset()
    await until(() => streams.size === 0)
    write('b', 1)
    await until(isTrue, 1000)
  })

  it('comes back after a line was torn', async () => {
    const { write, truncate, until, isTrue } = await mirrored()
    write('a', 1)
    await until(isTrue)
    truncate()
    write('a', 2)
    await until(isTrue, 1000)
  })

  it('leaves a half-open socket after 90 s', async () => {
    const { write, halfOpen, until, isTrue, clock } = await mirrored()
    halfOpen()
    write('a', 1)
    await until(isTrue, 1000)
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(90_000)
    expect(clock.monotonicMs()).toBeLessThan(100_000)
  })

  it('leaves a line that drips in a byte at a time after 90 s', async () => {
    const { write, drip, until, isTrue, clock } = await mirrored()
    const stopDripping = drip()
    write('a', 1)
    await until(isTrue, 1000)
    stopDripping()
    expect(clock.monotonicMs()).toBeLessThan(100_000)
  })

  it('refuses a line of forty megabytes, with bounded memory, and comes back', async () => {
    const { write, flood, until, isTrue } = await mirrored()
    const before = process.memoryUsage().arrayBuffers
    flood(40 * 1024 * 1024)
    write('a', 1)
    await until(isTrue, 1000)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * 1024 * 1024)
  })

  it('takes an object of one megabyte, as long as honest objects may be', async () => {
    const { write, until, isTrue } = await mirrored()
    write(`a-${'x'.repeat(1024 * 1024)}`, 1)
    await until(isTrue)
  })

  it('misses nothing through two hundred writes, resets, torn lines and compactions', async () => {
    const { write, reset, truncate, compact, until, isTrue, server } = await mirrored()
    const nothing = () => {}
    for (const trouble of [reset, truncate, compact, reset, nothing].flatMap(one => [one, one, one, one, one])) {
      for (let n = 0; n < 7; n++) write(`d${n}`, n)
      trouble()
      write('d3', undefined)
      await until(isTrue, 500)
    }
    expect(server.openSockets.size).toBeLessThanOrEqual(3)
  })

  it('leaves no socket and no timer behind when it stops', async () => {
    const { server, clock, stop } = await mirrored()
    await stop()
    while (server.openSockets.size > 0) await settle()
    expect(clock.pending).toBe(0)
  })
})
