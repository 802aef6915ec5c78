/*
 * Caches hold thousands of objects that say nearly the same: the field owners of every Service, the template of a target, its pin and its
 * primary. Parts that say the same are in memory once. With 1,000 canaries that halves what is held.
 */

/** Longer texts are rarely the same in two objects. */
const longestShared = 64
/** When so many are known they are all forgotten: what is stored keeps its own, and what comes next is learnt anew. */
const mostKnown = 20_000
const texts = new Map<string, string>()

/** One text for all that say the same: names, images and settings come again and again. */
export const sharedText = (text: string): string => {
  if (text.length > longestShared) return text
  const found = texts.get(text)
  if (found !== undefined) return found
  if (texts.size >= mostKnown) texts.clear()
  texts.set(text, text)
  return text
}

/**
 * The part that came last for each place, its place being a hash of what it says: so many at most, whatever comes by. One that lost its
 * place is only not found any more; who has it keeps it.
 */
const placeCount = 2 ** 14
const places: (object | undefined)[] = Array.from({ length: placeCount }, () => undefined)

/** The frozen part that says the same as this one and was seen before, if there is one; this one from now on, if not. Its own parts have to be shared already. */
export const sharedPart = (part: object, hash: number): object => {
  const place = hash & (placeCount - 1)
  const known = places[place]
  if (known !== undefined && saysTheSame(part, known)) return known
  places[place] = part
  return part
}

const saysTheSame = (part: object, known: object): boolean => {
  if (Object.getPrototypeOf(part) !== Object.getPrototypeOf(known)) return false // a list is no map of its indexes
  const [names, knownNames] = [Object.keys(part), Object.keys(known)]
  const hasSameField = (name: string, index: number) =>
    name === knownNames[index] && Object.is(part[name as keyof object], known[name as keyof object])
  return names.length === knownNames.length && names.every(hasSameField)
}

/** Hash of a text on top of that of what came before it: FNV-1a over its UTF-16 code units. */
export const withText = (hash: number, text: string): number => {
  let sum = hash
  for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), fnvPrime)
  return sum ^ text.length
}

export const withHash = (hash: number, other: number): number => Math.imul(hash ^ other, fnvPrime)

const fnvPrime = 0x01000193
