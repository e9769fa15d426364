import type { SheetTile, WorldSheet } from '../composition'
import type { WorldRandom } from '../random'
import type { WorldQuestion } from '../scene'
import { chooseQuestions, type QuestionOptions, type TaskMaker } from './choose-questions'
import { backgroundDraft, readDraft } from './image-looks'
import { absentDraftOf, countDraft, noTextDraft, presenceDraft } from './image-questions'
import { nameables } from './image-space'
import { capitalized, mentionOf, nameOf, NOTHING_SENTENCE } from './mention'
import type { Draft } from './phrasing'
import { absentMention, factsOf, isNamedIn, listAnswer, listPhrase, type SceneFacts } from './scene-facts'
import { SEVERAL_PHRASES } from './several-phrases'
import { offTopicDraft, outOfWorldDraft } from './unknown-drafts'

interface SheetFacts extends SceneFacts {
  readonly sheet: WorldSheet
}

const SHEET_TASKS: readonly TaskMaker<SheetFacts>[] = [
  { task: 'tile-place', make: tilePlaceDraft, weight: 3 },
  { task: 'tile-what', make: tileWhatDraft, weight: 2 },
  { task: 'presence', make: presenceDraft, weight: 1 },
  { task: 'count', make: countDraft, weight: 1 },
  { task: 'read', make: readDraft, weight: 1 },
  { task: 'background', make: backgroundDraft, weight: 0.4 },
  { task: 'absent', make: absentSheetDraft, weight: 0.8 },
  { task: 'out-of-world', make: (random, { scene }) => outOfWorldDraft(random, scene.split), weight: 0 },
  { task: 'off-topic', make: (random, { scene }) => offTopicDraft(random, scene.split), weight: 0 },
]

const TEXT_SHARE = 0.2
const EMPTY_SHARE = 0.2

/** Different questions about a large picture with its tiles, evenly over the tasks that it allows. */
export function sheetQuestions(
  random: WorldRandom,
  sheet: WorldSheet,
  options: QuestionOptions,
): WorldQuestion[] {
  return chooseQuestions(random, SHEET_TASKS, { ...factsOf(sheet.scene), sheet }, options)
}

/** The tile of a thing that is there once, or of the text. */
function tilePlaceDraft(random: WorldRandom, facts: SheetFacts): Draft | undefined {
  const { tiles } = facts.sheet
  if (facts.text !== undefined && random.chance(TEXT_SHARE)) {
    const tile = tiles.find(({ scene }) => scene.caption !== undefined)
    return tile && placeInTiles('the text', tile)
  }
  const things = nameables(random, facts)
  if (things.length === 0) return undefined
  const { mention, item } = random.pick(things)
  const whole = mentionOf(item) ?? mention
  const tile = tiles.find(({ scene }) => isNamedIn(factsOf(scene).kinds, whole))
  return tile && placeInTiles(`the ${nameOf(mention)}`, tile)
}

function placeInTiles(the: string, { row, column }: SheetTile): Draft {
  const place = `row ${row + 1}, column ${column + 1}`
  return {
    task: 'tile-place',
    key: `tile-place ${the}`,
    phrasings: SEVERAL_PHRASES.tile,
    slots: { the },
    answer: `${capitalized(place)}.`,
    sentence: `${capitalized(the)} is in ${place}.`,
    accepted: [`In ${place}.`, `Row ${row + 1} and column ${column + 1}.`],
  }
}

/** What a tile shows; mostly one that shows something. */
function tileWhatDraft(random: WorldRandom, { sheet }: SheetFacts): Draft | undefined {
  const full = sheet.tiles.filter(({ scene }) => scene.items.length > 0)
  const tile = random.pick(full.length > 0 && !random.chance(EMPTY_SHARE) ? full : sheet.tiles)
  const { kinds, scene } = factsOf(tile.scene)
  // With only text in it, both the text and nothing would be right.
  if (kinds.length === 0 && scene.caption !== undefined) return undefined
  const [row, column] = [`${tile.row + 1}`, `${tile.column + 1}`]
  const isEmpty = kinds.length === 0
  return {
    task: 'tile-what',
    key: `tile-what ${row} ${column}`,
    phrasings: SEVERAL_PHRASES.inTile,
    slots: { row, column },
    answer: listAnswer(kinds),
    sentence: isEmpty
      ? NOTHING_SENTENCE
      : `There ${isSeveral(kinds[0]?.count) ? 'are' : 'is'} ${listPhrase(kinds)} in row ${row}, column ${column}.`,
    accepted: isEmpty ? ['Nothing.'] : [],
  }
}

function isSeveral(count = 0): boolean {
  return count > 1
}

function absentSheetDraft(random: WorldRandom, { kinds, scene }: SheetFacts): Draft {
  if (scene.caption === undefined && random.chance(0.3)) return noTextDraft()
  const mention = absentMention(random, kinds, (other) => isNamedIn(kinds, other))
  return absentDraftOf(mention, SEVERAL_PHRASES.tile, 'tile')
}
