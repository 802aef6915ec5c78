import { aConfigMap, aSecret, configMaps, secrets } from '../builders.ts'
import { type Chapter, invalid, made, post, refused } from '../contract-case.ts'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte
const filler = (bytes: number): string => 'x'.repeat(bytes)

const tooLong = (bytes: number) => ['FieldValueTooLong', 'metadata.annotations', `Too long: may not be more than ${bytes} bytes`] as const

/** How much is too much. */
export const limits: Chapter = {
  about: 'limits',
  cases: [
    {
      name: 'a request of more than 3 MiB is not read',
      steps: [
        [
          post(configMaps, aConfigMap('a', { x: filler(3 * mebibyte) })),
          refused('413 RequestEntityTooLarge', 'Request entity too large: limit is 3145728'),
        ],
      ],
    },
    {
      name: 'a ConfigMap holds up to 1 MiB',
      steps: [
        [post(configMaps, aConfigMap('a', { x: filler(mebibyte) })), made()],
        [
          post(configMaps, aConfigMap('b', { x: filler(mebibyte + 1) })),
          invalid('ConfigMap "b"', ['FieldValueTooLong', '[]', 'Too long: may not be more than 1048576 bytes']),
        ],
      ],
    },
    {
      name: 'a Secret holds up to 1 MiB',
      steps: [
        [
          post(secrets, aSecret('b', { stringData: { x: filler(mebibyte + 1) } })),
          invalid('Secret "b"', ['FieldValueTooLong', 'data', 'Too long: may not be more than 1048576 bytes']),
        ],
      ],
    },
    {
      name: 'an object beyond what the store takes is refused',
      steps: [
        [
          post('/apis/contract.serin.test/v1/namespaces/{{ns}}/widgets', {
            apiVersion: 'contract.serin.test/v1',
            kind: 'Widget',
            metadata: { name: 'w' },
            spec: { size: 1, free: filler(1.6 * mebibyte) },
          }),
          refused('500', 'etcdserver: request is too large'),
        ],
      ],
    },
    {
      name: 'annotations hold up to 256 KiB',
      steps: [
        [post(configMaps, aConfigMap('a', {}, { annotations: { x: filler(256 * kibibyte - 1) } })), made()],
        [post(configMaps, aConfigMap('b', {}, { annotations: { x: filler(256 * kibibyte) } })), invalid('ConfigMap "b"', tooLong(262144))],
      ],
    },
  ],
}
