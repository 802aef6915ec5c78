import * as z from 'zod'
import type { KindRef } from '../../api/object.ts'
import type { Io } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import type { Pod, Volume } from '../objects/pod.ts'

/** A token that a volume asks for. */
export interface TokenWish {
  readonly audience?: string | undefined
  readonly expirationSeconds: number
}

/** The token for a wish. Every wish of the volumes it was made for is known. */
export type TokenLookup = (wish: TokenWish) => string

export interface TokenSource {
  /** Tokens for every wish of these volumes: those from before while they are fresh, else new ones. */
  read(volumes: readonly Volume[], io: Io): Promise<TokenLookup>
}

interface Token {
  readonly text: string
  /** When a new one should be asked for, on the monotonic clock. */
  readonly staleMs: number
}

/** The subresource of a ServiceAccount by which tokens are made. */
const tokensOf = (serviceAccount: string): KindRef => ({
  apiVersion: 'v1',
  kind: 'TokenRequest',
  plural: `serviceaccounts/${encodeURIComponent(serviceAccount)}/token`,
  namespaced: true,
})

const Answer = z.looseObject({ status: z.looseObject({ token: z.string() }) })

/** A token is renewed when so much of its life is over, as the API asks of everybody. */
const usedUp = 0.8

const wishesOf = (volumes: readonly Volume[]): readonly TokenWish[] =>
  volumes.flatMap(({ projected }) => (projected?.sources ?? []).flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []))

const textOf = ({ audience = '', expirationSeconds }: TokenWish): string => `${audience} ${expirationSeconds}`

/** Tokens of the pod's ServiceAccount, bound to the pod: they are worth nothing after it has gone. */
export const createTokenSource = (api: Pick<KubeApi, 'create'>, { metadata, spec }: Pod): TokenSource => {
  const { name, namespace = '', uid } = metadata
  const { serviceAccountName: account = 'default' } = spec
  const tokens = new Map<string, Token>()

  const request = async ({ audience, expirationSeconds }: TokenWish, io: Io): Promise<Token> => {
    const askedMs = io.clock.monotonicMs()
    const manifest = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: account, namespace },
      spec: {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    }
    const { status } = Answer.parse(await api.create(tokensOf(account), manifest, io))
    return { text: status.token, staleMs: askedMs + expirationSeconds * 1000 * usedUp }
  }

  const refresh = async (wish: TokenWish, io: Io): Promise<void> => {
    const known = tokens.get(textOf(wish))
    if (known && known.staleMs > io.clock.monotonicMs()) return
    tokens.set(textOf(wish), await request(wish, io))
  }

  return {
    read: async (volumes, io) => {
      await Promise.all(wishesOf(volumes).map(wish => refresh(wish, io)))
      return wish => tokens.get(textOf(wish))?.text ?? ''
    },
  }
}
