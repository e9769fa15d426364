import { pluralOf } from '../../domain/world/lexicon'
import { WORLD_OBJECTS, WORLD_SHAPES } from '../../domain/world/scene'

/** Every name of the drawn world, in both numbers. */
const NAMES = new Map(
  [...WORLD_OBJECTS, ...WORLD_SHAPES].flatMap((name) => [
    [name, name],
    [pluralOf(name), name],
  ]),
)

/** Sentences that name something without claiming that it is there. */
const DENIAL = /\b(?:no|not|nothing|cannot|never)\b/u

/**
 * Objects and shapes that a reply claims to be seen, each once, in the order they are named. Sentences that deny
 * ("There is no dog.") claim nothing.
 */
export function namedObjects(reply: string): string[] {
  const claims = reply
    .toLowerCase()
    .split(/[.!?;\n]+/u)
    .filter((sentence) => !DENIAL.test(sentence))
  const words = claims.flatMap((sentence) => sentence.match(/[a-z]+/gu) ?? [])
  return [...new Set(words.flatMap((word) => NAMES.get(word) ?? []))]
}
