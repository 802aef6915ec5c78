import type { AlertMessage, AlertTarget } from '../../src/alerts/alert.ts'
import type { OutboxEntry } from '../../src/api/status.ts'
import type { HttpAnswer, HttpCall, SendHttp } from '../../src/http-call.ts'
import { aCanary } from '../support/builders.ts'

export const anEntry = (change: Partial<OutboxEntry> = {}): OutboxEntry => ({
  id: 'uid-7-0',
  channel: 'alert',
  receiver: 'global',
  at: '2026-01-01T00:00:00Z',
  phase: 'Progressing',
  severity: 'info',
  reason: 'RevisionDetected',
  message: 'New revision detected, progressing canary analysis.',
  ...change,
})

export const aMessage = (change: Partial<OutboxEntry> = {}): AlertMessage => ({
  canary: aCanary(),
  entry: anEntry(change),
  clusterName: '',
})

/** The address of a chat system: a secret, every part of its path. */
export const secretAddress = 'https://hooks.slack.test/services/T00000000/B00000000/XXXXsecretXXXX'

export const aTarget = (change: Partial<AlertTarget> = {}): AlertTarget => ({
  address: secretAddress,
  channel: 'general',
  username: 'flagger',
  ...change,
})

/** A way out that always answers the same. */
export const answering = (reply: Partial<HttpAnswer> | Error = {}) => {
  const calls: HttpCall[] = []
  const send: SendHttp = async call => {
    calls.push(call)
    if (reply instanceof Error) throw reply
    return { status: 200, headers: {}, body: 'ok', ...reply }
  }
  return { calls, send }
}
