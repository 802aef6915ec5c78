import type { Endpoint } from './catalogue.ts'
import { invalidValue } from './field-errors.ts'
import type { User } from './identity.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt } from './json-value.ts'
import { type Attributes, allows, bindingThatAllows, rulesFor } from './rbac.ts'
import { badRequest, invalid, noSuchPath } from './status.ts'
import type { Storage } from './storage.ts'

const wishOf = (spec: JsonObject): Attributes => {
  const resource = objectAt(spec, 'resourceAttributes')
  const path = objectAt(spec, 'nonResourceAttributes')
  return {
    verb: textAt(resource, 'verb') || textAt(path, 'verb'),
    group: textAt(resource, 'group'),
    plural: textAt(resource, 'resource'),
    subresource: textAt(resource, 'subresource'),
    namespace: textAt(resource, 'namespace'),
    name: textAt(resource, 'name'),
    ...('path' in path ? { path: textAt(path, 'path') } : {}),
  }
}

/** The real server names no kind here either. */
const namelessReview = { group: 'authorization.k8s.io', plural: '', kind: '' }

const checkQuestion = (spec: JsonObject): void => {
  if ('resourceAttributes' in spec !== 'nonResourceAttributes' in spec) return
  const words = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  throw invalid(namelessReview, [invalidValue('spec.resourceAttributes', null, words)])
}

const accessStatus = (storage: Storage, user: User, spec: JsonObject): JsonObject => {
  checkQuestion(spec)
  const wish = wishOf(spec)
  const binding = bindingThatAllows(storage, user, wish)
  return { allowed: allows(storage, user, wish), ...(binding === undefined ? {} : { reason: `RBAC: allowed by ${binding}` }) }
}

const subjectOf = (spec: JsonObject): User => ({
  name: textAt(spec, 'user'),
  uid: textAt(spec, 'uid'),
  groups: listAt(spec, 'groups').map(String),
})

const isPathRule = (rule: unknown): boolean => listAt(rule, 'nonResourceURLs').length > 0

type Review = (storage: Storage, user: User, spec: JsonObject) => JsonObject

const reviews: Readonly<Record<string, Review>> = {
  SelfSubjectAccessReview: accessStatus,
  SubjectAccessReview: (storage, _user, spec) => accessStatus(storage, subjectOf(spec), spec),
  SelfSubjectReview: (_storage, { name, uid, groups }) => ({ userInfo: { username: name, ...(uid === '' ? {} : { uid }), groups } }),
  SelfSubjectRulesReview: (storage, user, spec) => {
    const rules = rulesFor(storage, user, textAt(spec, 'namespace'))
    return {
      resourceRules: rules.filter(rule => !isPathRule(rule)),
      nonResourceRules: rules.filter(isPathRule),
      incomplete: false,
    }
  },
}

/** Answers a question about access: the review with its status filled in. Nothing is stored. */
export const answerReview = (storage: Storage, { endpoint, user }: { endpoint: Endpoint; user: User }, body: unknown): JsonObject => {
  const review = reviews[endpoint.resource.kind]
  if (!review) throw noSuchPath()
  if (!isObject(body)) throw badRequest('the request body is no JSON object')
  return { metadata: {}, ...body, status: review(storage, user, objectAt(body, 'spec')) }
}
