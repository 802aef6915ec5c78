/** Where people put credentials on a command line; the part after the first group is hidden. */
const credentials: readonly RegExp[] = [
  /((?:authorization|x-api-key|[\w-]*token)\s*:\s*)[^"']+/gi,
  /(--?(?:api-?key|token|password|passwd|secret)[= ]\s*)\S+/gi,
  /(\s-a[= ]\s*['"]?[^\s:'"]+:)[^\s'"]+/g,
  /(\/\/[^\s/:@]+:)[^\s/@]+(?=@)/g,
]

/** A command as it may stand in a log: without the credentials that can be recognized. */
export const commandForLog = (command: string): string =>
  credentials.reduce((text, credential) => text.replace(credential, '$1***'), command.trim())
