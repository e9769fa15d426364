import type { WorldRandom } from '../random'
import type { SceneItem } from '../scene'
import { aOf, capitalized, mentionOf, nameOf, sentence, type Mention } from './mention'
import type { Draft } from './phrasing'
import { onlyItem, type Kind, type SceneFacts } from './scene-facts'
import {
  hasOwnLabel,
  labelAt,
  looselyNamed,
  type Shot,
  type ThingTrack,
  type VideoFacts,
} from './video-facts'
import { isSameBackground } from './video-frames'
import { VIDEO_PHRASES } from './video-phrases'

/** Least way, 0…1 of an axis, that is plainly a movement, and most that is plainly none. */
const MOVED = 0.15
const STILL = 0.01

const CHANGE_SHARE = 0.7

/** Most things stand still; without these shares the answer would nearly always be "no". */
const MOVING_SHARE = 0.75
const ASKED_OF_STANDING_SHARE = 0.3

/** What is different at a second moment of the same shot: one thing, or nothing. */
export function changeDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const shots = facts.shots.filter(({ first, last }) => last > first)
  if (shots.length === 0) return undefined
  const wantsChange = random.chance(CHANGE_SHARE)
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const shot = random.pick(shots)
    const [from, to] = momentsOf(random, shot, wantsChange)
    if (from === to || !hasOwnLabel(facts, from) || !hasOwnLabel(facts, to)) continue
    const change = changeBetween(facts, from, to)
    if (change === undefined || (change === 'nothing changes') === wantsChange) continue
    return changeDraftOf(facts, from, to, change)
  }
  return undefined
}

function changeDraftOf(facts: VideoFacts, from: number, to: number, change: string): Draft {
  const slots = { from: labelAt(facts, from), to: labelAt(facts, to) }
  return {
    task: 'change',
    key: `change ${slots.from} ${slots.to}`,
    phrasings: VIDEO_PHRASES.change,
    slots,
    answer: sentence(change),
    sentence: `Between ${slots.from} and ${slots.to} ${change}.`,
    accepted: change === 'nothing changes' ? ['Nothing.'] : [],
  }
}

/** Two frames of a shot, the whole of it where a change is wanted. */
function momentsOf(random: WorldRandom, { first, last }: Shot, whole: boolean): readonly [number, number] {
  if (whole && random.chance(0.7)) return [first, last]
  const [a, b] = [first + random.int(last - first + 1), first + random.int(last - first + 1)]
  return a < b ? [a, b] : [b, a]
}

/** Undefined: more than one thing changes, or it is not plain. */
function changeBetween(facts: VideoFacts, from: number, to: number): string | undefined {
  const [before, after] = [facts.scenes[from], facts.scenes[to]]
  if (before === undefined || after === undefined || before.text !== after.text) return undefined
  const came = missingIn(before.kinds, after.kinds)
  const went = missingIn(after.kinds, before.kinds)
  const changes: string[] = [
    ...came.map((mention) => `${aOf(mention)} appears`),
    ...went.map((mention) => `${aOf(mention)} disappears`),
  ]
  if (!isSameBackground(facts, from, to)) {
    const { background } = after.scene
    if (background.kind === 'photo') return undefined
    changes.push(`the background turns ${background.color}`)
  }
  for (const item of before.items) {
    const way = wayOf(item, after)
    if (way === 'unclear') return undefined
    const mention = mentionOf(item)
    if (way !== 'none' && mention !== undefined) changes.push(`the ${nameOf(mention)} moves`)
  }
  return changes.length > 1 ? undefined : (changes[0] ?? 'nothing changes')
}

/** Kinds of `b` that are not, or not as many, in `a`: one mention each. */
function missingIn(a: readonly Kind[], b: readonly Kind[]): Mention[] {
  return b
    .filter(({ mention, count }) => {
      const same = a.find(
        (kind) => kind.mention.name === mention.name && kind.mention.color === mention.color,
      )
      return (same?.count ?? 0) < count
    })
    .map(({ mention }) => mention)
}

type Way = 'none' | 'unclear' | 'to the right' | 'to the left' | 'up' | 'down'

/** Where the item went until a later scene of the same shot. Items of which there are several are held to stand still. */
function wayOf(item: SceneItem, later: SceneFacts): Way {
  const mention = mentionOf(item)
  const other = mention && onlyItem(later, mention)
  if (other === undefined) return 'none'
  const [x, y] = [other.x - item.x, other.y - item.y]
  const [wayX, wayY] = [Math.abs(x), Math.abs(y)]
  if (wayX <= STILL && wayY <= STILL) return 'none'
  if (wayX >= MOVED && wayX >= wayY * 2) return x > 0 ? 'to the right' : 'to the left'
  if (wayY >= MOVED && wayY >= wayX * 2) return y > 0 ? 'down' : 'up'
  return 'unclear'
}

interface Mover {
  readonly track: ThingTrack
  readonly way: Way
}

/** Things that are seen in one shot only, at least in two of its frames, and are the only ones of their kind there. */
function moversOf({ things, shots, scenes }: VideoFacts): Mover[] {
  return things.flatMap((track) => {
    const [run] = track.runs
    if (run === undefined || track.runs.length > 1 || run.last === run.first) return []
    if (!shots.some(({ first, last }) => first <= run.first && run.last <= last)) return []
    const [begin, end] = [scenes[run.first], scenes[run.last]]
    const item = begin && onlyItem(begin, track.mention)
    if (item === undefined || end === undefined || onlyItem(end, track.mention) === undefined) return []
    return [{ track, way: wayOf(item, end) }]
  })
}

/** Whether, where to, or what moves. */
export function movingDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const movers = moversOf(facts)
  const moving = movers.filter(({ way }) => way !== 'none' && way !== 'unclear')
  const standing = movers.filter(({ way }) => way === 'none')
  const isMoving = moving.length > 0 && random.chance(MOVING_SHARE)
  const chosen = isMoving ? moving : standing
  const kind = random.next()
  if (kind < 0.2) return moverDraft(facts, movers, moving)
  if (chosen.length === 0 || (moving.length === 0 && !random.chance(ASKED_OF_STANDING_SHARE)))
    return undefined
  const { track, way } = random.pick(chosen)
  const { the } = looselyNamed(random, facts, track)
  if (isMoving && kind < 0.5) {
    return {
      task: 'moving',
      key: `way ${the}`,
      phrasings: VIDEO_PHRASES.way,
      slots: { the },
      answer: sentence(way),
      sentence: `${capitalized(the)} moves ${way}.`,
      accepted: [`${way.replace('to the ', '')}.`],
    }
  }
  return {
    task: 'moving',
    key: `moving ${the}`,
    phrasings: VIDEO_PHRASES.moves,
    slots: { the },
    answer: isMoving ? 'Yes.' : 'No.',
    sentence: isMoving ? `Yes, ${the} moves.` : `No, ${the} does not move.`,
  }
}

/** Only where it is known of all things whether they move. */
function moverDraft(
  { things, hasCaption, scenes }: VideoFacts,
  movers: readonly Mover[],
  moving: readonly Mover[],
): Draft | undefined {
  const isAllKnown = movers.length === things.length && movers.every(({ way }) => way !== 'unclear')
  if (!isAllKnown || moving.length > 1 || scenes.some(({ hasUnknownItems }) => hasUnknownItems))
    return undefined
  if (things.length === 0 || (hasCaption && moving.length === 0)) return undefined
  const mention = moving[0]?.track.mention
  return {
    task: 'moving',
    key: 'mover',
    phrasings: VIDEO_PHRASES.mover,
    answer: mention === undefined ? 'Nothing moves.' : sentence(`the ${nameOf(mention)}`),
    sentence: mention === undefined ? 'Nothing moves.' : `The ${nameOf(mention)} moves.`,
    accepted: mention === undefined ? ['Nothing.'] : [],
  }
}
