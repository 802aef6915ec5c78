import { messageOf } from '../../src/errors.ts'
import { watchLifeline } from '../../test/cluster/lifeline.ts'
import { setUpNetwork } from '../../test/cluster/namespace.ts'
import { measureOnCluster } from './measure.ts'
import { readClusterPlan, type Told } from './plan.ts'

/* The first process inside the namespaces: when it ends, the kernel ends all others. */

const tell = (told: Told) => new Promise<void>(resolve => (process.connected ? process.send?.(told, () => resolve()) : resolve()))

const signal = watchLifeline()
try {
  const plan = await readClusterPlan(process.argv[2] ?? '')
  await setUpNetwork(plan.folder)
  const io = { signal, texts: {}, say: (said: string) => void tell({ said }) }
  await tell({ figures: await measureOnCluster(plan, io) })
} catch (error) {
  await tell({ error: messageOf(error) })
}
process.exit()
