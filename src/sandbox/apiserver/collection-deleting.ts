import type { Endpoint } from './catalogue.ts'
import { type DeleteOptions, remove } from './deleting.ts'
import type { Kernel } from './kernel.ts'
import { list, type Page, type Selection } from './reading.ts'

/** Deletes everything selected, one object after the other, and answers with what that was. */
export const deleteCollection = (
  kernel: Kernel,
  endpoint: Endpoint,
  { selection, options }: { readonly selection: Selection; readonly options: DeleteOptions },
): Page => {
  const page = list(kernel, endpoint, selection)
  for (const { metadata } of page.items) {
    remove(kernel, { endpoint, namespace: metadata.namespace ?? '', name: metadata.name, subresource: '' }, options)
  }
  return page
}
