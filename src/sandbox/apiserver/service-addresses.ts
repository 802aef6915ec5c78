import { type JsonObject, objectAt, textAt } from './json-value.ts'
import { internalError, StatusError } from './status.ts'
import type { Storage } from './storage.ts'

/** ClusterIPs of one range, as long as there are any. */
export interface AddressPool {
  /** The Service with an address of its own, or as it is when it wants none. @throws {StatusError} 422 when the one it names is taken */
  assign(service: JsonObject): JsonObject
}

interface Range {
  readonly first: number
  readonly size: number
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

const addressOf = (number: number): string => [24, 16, 8, 0].map(shift => (number >>> shift) & 255).join('.')

const rangeOf = (cidr: string): Range => {
  const [base = '', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  return { first: Math.floor(numberOf(base) / size) * size, size }
}

const wantsAddress = (spec: JsonObject): boolean => textAt(spec, 'type') !== 'ExternalName' && textAt(spec, 'clusterIP') === ''

const named = (service: JsonObject, address: string): JsonObject => ({
  ...service,
  spec: { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', ...objectAt(service, 'spec'), clusterIP: address, clusterIPs: [address] },
})

const taken = (service: JsonObject, address: string): StatusError => {
  const name = textAt(service['metadata'], 'name')
  const message = `Invalid value: ${JSON.stringify(address)}: failed to allocate IP ${address}: provided IP is already allocated`
  return new StatusError(422, 'Invalid', {
    message: `Service ${JSON.stringify(name)} is invalid: spec.clusterIPs: ${message}`,
    details: { name, kind: 'Service', causes: [{ reason: 'FieldValueInvalid', message, field: 'spec.clusterIPs' }] },
  })
}

/** Addresses are found again in what is stored, so that nothing can leak. The second address of the range is where the search starts. */
export const createAddressPool = (storage: Storage, cidr: string): AddressPool => {
  const range = rangeOf(cidr)
  const used = new Set<string>()
  let next = 1
  storage.subscribe('services', ({ type, object, before }) => {
    if (before) used.delete(textAt(before['spec'], 'clusterIP'))
    if (type !== 'DELETED') used.add(textAt(object['spec'], 'clusterIP'))
  })

  const free = (): string => {
    for (let tries = 0; tries < range.size; tries += 1) {
      const address = addressOf(range.first + next)
      next = next + 1 >= range.size - 1 ? 1 : next + 1
      if (!used.has(address)) return address
    }
    throw internalError('failed to allocate a serviceIP: range is full')
  }

  return {
    assign: service => {
      const spec = objectAt(service, 'spec')
      const address = textAt(spec, 'clusterIP')
      if (wantsAddress(spec)) return named(service, free())
      if (address === '') return service
      if (address !== 'None' && used.has(address)) throw taken(service, address)
      return named(service, address)
    },
  }
}
