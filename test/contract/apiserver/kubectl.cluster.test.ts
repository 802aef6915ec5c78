import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../src/clock.ts'
import { silentLogger } from '../../../src/io.ts'
import { connect } from '../../../src/kube/connect.ts'
import { startApiServer } from '../../../src/sandbox/apiserver/server.ts'
import { startControllers } from '../../../src/sandbox/controllers/start.ts'
import { clusterUnderTest } from '../../cluster/cluster-under-test.ts'
import { describeKubectl, type KubectlServer } from './describe-kubectl.ts'

const { kubeconfig, binaries } = clusterUnderTest()
const binary = binaries['kubectl'] ?? 'kubectl'

/** The embedded API server with its controllers, and a kubeconfig for it. */
const startEmbedded = async (): Promise<KubectlServer> => {
  const clock = systemClock()
  const folder = await mkdtemp(join(tmpdir(), 'serin-kubectl-'))
  const server = await startApiServer({ clock })
  const connection = connect({ server: server.url, token: server.adminToken, clock, userAgent: 'controllers', fieldManager: 'controllers' })
  const controllers = startControllers({ api: connection.api, clock, log: silentLogger })
  const path = join(folder, 'kubeconfig')
  await writeFile(path, server.kubeconfig())
  return {
    kubeconfig: path,
    stop: async () => {
      await controllers.stop()
      await connection.close()
      await server.stop()
      await rm(folder, { recursive: true })
    },
  }
}

describeKubectl({ name: 'the embedded API server', binary, start: startEmbedded })
describeKubectl({ name: 'a real kube-apiserver', binary, start: async () => ({ kubeconfig, stop: async () => {} }) })
