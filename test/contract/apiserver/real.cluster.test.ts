import { Agent } from 'undici'
import { loadKubeConfig } from '../../../src/kube/kube-config.ts'
import { clusterUnderTest } from '../../cluster/cluster-under-test.ts'
import { etcdUrl } from '../../cluster/control-plane/command-lines.ts'
import { type Identity, withToken } from './api-client.ts'
import type { Ability } from './contract-case.ts'
import { describeApiServer } from './describe-api-server.ts'

const { kubeconfig, limitedKubeconfig, server, control } = clusterUnderTest()
const isOurs = control !== undefined

/** The user of a kubeconfig, with the client certificate where there is one. */
const userOf = async (path: string): Promise<Identity> => {
  const { tls, authenticate } = await loadKubeConfig({ kubeconfig: path })
  return { headers: await authenticate({ fresh: false }), dispatcher: new Agent({ connect: tls, allowH2: false }) }
}

const asText = (value: string): string => Buffer.from(value).toString('base64')

const askEtcd = async (path: string, body: object): Promise<{ header: { revision: string } }> => {
  const response = await fetch(etcdUrl + path, { method: 'POST', body: JSON.stringify(body) })
  const answer: unknown = await response.json()
  return answer as { header: { revision: string } }
}

/** Compacts etcd as the API server does every five minutes: the key tells its caches up to where they may forget as well. */
const compact = async (): Promise<void> => {
  const key = asText('compact_rev_key')
  const { revision } = (await askEtcd('/v3/kv/range', { key })).header
  await askEtcd('/v3/kv/put', { key, value: asText(revision) })
  await askEtcd('/v3/kv/compaction', { revision, physical: true })
}

const abilities: readonly Ability[] = isOurs ? ['compaction', 'controllers', 'streaming'] : ['controllers', 'streaming']

describeApiServer({
  name: 'a real kube-apiserver',
  has: limitedKubeconfig === undefined ? abilities : [...abilities, 'limited user'],
  isDisposable: isOurs,
  start: async () => {
    const admin = await userOf(kubeconfig)
    const { tls } = await loadKubeConfig({ kubeconfig })
    const unknown = new Agent({ connect: tls.ca === undefined ? {} : { ca: tls.ca }, allowH2: false })
    const limited = limitedKubeconfig === undefined ? withToken('', unknown) : await userOf(limitedKubeconfig)
    const users = { admin, limited, nobody: withToken('', unknown), stranger: withToken('stranger', unknown) }
    return {
      access: { url: server, users },
      ...(isOurs ? { compact } : {}),
      stop: async () => {
        await Promise.all(Object.values(users).map(({ dispatcher }) => dispatcher?.close()))
      },
    }
  },
})
