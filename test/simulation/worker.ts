import { parentPort } from 'node:worker_threads'
import { runBatch } from './batch.ts'

parentPort?.on('message', (seeds: readonly number[]) => {
  void runBatch(seeds).then(result => parentPort?.postMessage(result))
})
