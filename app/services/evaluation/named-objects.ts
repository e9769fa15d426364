import { pluralOf } from '../../domain/world/lexicon'
import { WORLD_OBJECTS, WORLD_SHAPES } from '../../domain/world/scene'

/** Every name of the drawn world, in both numbers. */
const NAMES = new Map(
  [...WORLD_OBJECTS, ...WORLD_SHAPES].flatMap((name) => [
    [name, name],
    [pluralOf(name), name],
  ]),
)

/** Clauses that name something without claiming that it is there. */
const DENIAL = /\b(?:no|not|nothing|cannot|never)\b/u

/**
 * Where a denial ends, or begins: sentences, "No, …", "…, but …", "…, it is …", "… and no …". Other commas part the
 * things of one list: "no dog, cat or key".
 */
const CLAUSES =
  /[.!?;\n]+|\bno,|\b(?:but|however|instead|only|except)\b|,(?: and)? (?=(?:there|it|i|this)\b)|(?:,|\band) (?=(?:no|not)\b)/u

/** What is read aloud from the picture: between quotes, or in capitals. */
const QUOTED = /"[^"\n]*"|“[^”\n]*”/gu
const CAPITALS = /\b[A-Z]{2,}\b/gu

/**
 * Objects and shapes that a reply claims to be seen, each once, in the order they are named. Clauses that deny ("There is
 * no dog.") claim nothing, nor do the words of a text that is shown ("a cat, with the text BUS STOP").
 */
export function namedObjects(reply: string): string[] {
  // Capitals throughout are the reply's own way to write.
  const hasCase = /[a-z]/u.test(reply)
  const own = reply.replace(QUOTED, ' ').replace(CAPITALS, (word) => (hasCase ? ' ' : word))
  const claims = own
    .toLowerCase()
    .split(CLAUSES)
    .filter((clause) => !DENIAL.test(clause))
  const words = claims.flatMap((clause) => clause.match(/[a-z]+/gu) ?? [])
  return [...new Set(words.flatMap((word) => NAMES.get(word) ?? []))]
}
