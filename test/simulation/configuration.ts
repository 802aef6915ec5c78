import { configMapKind, secretKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'

type Fields = Readonly<Record<string, unknown>>

/* What the pods of a team mount. A change of it is a new revision. */

/** Which of them a team has. */
export interface Configured {
  readonly hasConfig: boolean
  readonly hasSecret: boolean
}

const metadataOf = (name: string) => ({ name, namespace: 'test' })

const configMap = (color: string): KubeObject => ({
  apiVersion: configMapKind.apiVersion,
  kind: configMapKind.kind,
  metadata: metadataOf('podinfo-conf'),
  data: { color },
})

/** How every password begins: nobody but the Secret and its copy for the primary may say that. */
const hush = 'hush-'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
/** As much of it as does not depend on what follows. */
const hushInBase64 = base64(hush).slice(0, 6)

const secret = (color: string): KubeObject => ({
  apiVersion: secretKind.apiVersion,
  kind: secretKind.kind,
  metadata: metadataOf('podinfo-key'),
  type: 'Opaque',
  data: { password: base64(`${hush}${color}`) },
})

/** What a team has, as it says this color. */
export const configurationOf = ({ hasConfig, hasSecret }: Configured, color: string): readonly KubeObject[] => [
  ...(hasConfig ? [configMap(color)] : []),
  ...(hasSecret ? [secret(color)] : []),
]

/** Fields of the pods that mount it. */
export const podOf = ({ hasConfig, hasSecret }: Configured): Fields => {
  const volumes = [
    ...(hasConfig ? [{ name: 'conf', configMap: { name: 'podinfo-conf' } }] : []),
    ...(hasSecret ? [{ name: 'key', secret: { secretName: 'podinfo-key' } }] : []),
  ]
  return volumes.length > 0 ? { volumes } : {}
}

/** Whether a text has a password in it. */
export const tellsPassword = (text: string): boolean => text.includes(hush) || text.includes(hushInBase64)
