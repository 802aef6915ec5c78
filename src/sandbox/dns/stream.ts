/** The whole messages of a TCP stream so far, each behind two bytes that say how long it is, and what is left of the next one. */
export const splitMessages = (bytes: Buffer): { readonly messages: readonly Buffer[]; readonly rest: Buffer } => {
  const messages: Buffer[] = []
  let at = 0
  while (bytes.length - at >= 2) {
    const end = at + 2 + bytes.readUInt16BE(at)
    if (end > bytes.length) break
    messages.push(bytes.subarray(at + 2, end))
    at = end
  }
  return { messages, rest: bytes.subarray(at) }
}
