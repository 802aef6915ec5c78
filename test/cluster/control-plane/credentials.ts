import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'

/** Files of a control plane, below the session's folder. */
export interface ControlPlaneFiles {
  readonly folder: string
  readonly data: string
  readonly logs: string
  /** Where the API server puts the certificate it makes for itself. */
  readonly certificates: string
  readonly serviceAccountKey: string
  readonly serviceAccountPublicKey: string
  readonly tokens: string
  readonly auditPolicy: string
  readonly auditLog: string
  readonly kubeconfig: string
  readonly limitedKubeconfig: string
}

export const filesIn = (folder: string): ControlPlaneFiles => {
  const at = (name: string) => join(folder, name)
  return {
    folder,
    data: at('etcd'),
    logs: at('logs'),
    certificates: at('certificates'),
    serviceAccountKey: at('service-account.key'),
    serviceAccountPublicKey: at('service-account.pub'),
    tokens: at('tokens.csv'),
    auditPolicy: at('audit-policy.yaml'),
    auditLog: at('audit.log'),
    kubeconfig: at('kubeconfig'),
    limitedKubeconfig: at('limited.kubeconfig'),
  }
}

/** The one that a public authority never signed: the API server's own, made at its first start. */
export const certificateOf = ({ certificates }: ControlPlaneFiles): string => join(certificates, 'apiserver.crt')

export interface KubeconfigParts {
  readonly server: string
  readonly user: string
  readonly token: string
  readonly certificate: string
}

/** A kubeconfig for one user of one cluster. */
const kubeconfigText = ({ server, user, token, certificate }: KubeconfigParts): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'serin-test', cluster: { server, 'certificate-authority': certificate } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: user, context: { cluster: 'serin-test', user, namespace: 'default' } }],
    'current-context': user,
  })

/** Every request once, when it has been answered: who asked, for what, and the answer's code. */
const auditPolicy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] }

const secret = { mode: 0o600 }

/** Makes what the control plane's processes know each other by, and the kubeconfigs of its two users: one may do everything, one nothing. */
export const writeCredentials = async (files: ControlPlaneFiles, server: string): Promise<void> => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const [adminToken, limitedToken] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]
  const kubeconfigOf = (user: string, token: string) => kubeconfigText({ server, user, token, certificate: certificateOf(files) })
  await Promise.all([
    writeFile(files.serviceAccountKey, privateKey, secret),
    writeFile(files.serviceAccountPublicKey, publicKey),
    writeFile(files.tokens, `${adminToken},admin,admin,"system:masters"\n${limitedToken},serin-limited,serin-limited\n`, secret),
    writeFile(files.auditPolicy, stringify(auditPolicy)),
    writeFile(files.kubeconfig, kubeconfigOf('admin', adminToken), secret),
    writeFile(files.limitedKubeconfig, kubeconfigOf('serin-limited', limitedToken), secret),
  ])
}
