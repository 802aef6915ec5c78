/** Who sends a request, as tokens tell. */
export interface User {
  readonly name: string
  readonly uid: string
  readonly groups: readonly string[]
}

/** Tokens and whose they are. */
export interface Tokens {
  add(token: string, user: Pick<User, 'name'> & Partial<User>): void
  userOf(token: string): User | undefined
}

/** Members of this group may do everything. */
export const mastersGroup = 'system:masters'

/** Everybody whose token is known. */
export const everybody = 'system:authenticated'

/** Who shows no token. */
export const anonymous: User = { name: 'system:anonymous', uid: '', groups: ['system:unauthenticated'] }

/** Groups that follow from a name alone: those of a service account. */
const impliedGroups = (name: string): readonly string[] => {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name) ?? []
  return namespace === undefined ? [everybody] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, everybody]
}

/** A user as tokens and impersonation make one: with the groups that follow from the name. */
export const userOf = ({ name, uid = '', groups = [] }: Pick<User, 'name'> & Partial<User>): User => ({
  name,
  uid,
  groups: [...groups, ...impliedGroups(name)],
})

export const createTokens = (): Tokens => {
  const users = new Map<string, User>()
  return {
    add: (token, user) => {
      users.set(token, userOf(user))
    },
    userOf: token => users.get(token),
  }
}
