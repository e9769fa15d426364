import type { WorldRandom } from '../random'
import { absentMention, backgroundColor, countOf, isNamedIn, listAnswer, listPhrase } from './scene-facts'
import { backgroundDraftOf } from './image-looks'
import { countDraftOf, presenceOf } from './image-questions'
import { NO_TEXT, NOTHING_SENTENCE } from './mention'
import type { Draft } from './phrasing'
import { unreadableDraftOf } from './unknown-drafts'
import { firstFrame, labelAt, pickFrame, type Run, type VideoFacts } from './video-facts'
import { VIDEO_PHRASES } from './video-phrases'

/** Fewest frames beside which one can be odd. */
const FEWEST_USUAL = 3

/** Asks what is to be seen at a time: things, their number, one of them, or the background. */
export function atTimeDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const frame = pickFrame(random, facts)
  const scene = frame === undefined ? undefined : facts.scenes[frame]
  if (frame === undefined || scene === undefined) return undefined
  const time = labelAt(facts, frame)
  const share = random.next()
  if (share < 0.55) return atTimeList(facts, frame)
  if (share < 0.7) return atTime(backgroundDraftOf(scene.scene), time, VIDEO_PHRASES.backgroundAt)
  const { kinds } = scene
  // What is shown at other times makes the better question.
  const other = facts.things.length > 0 ? random.pick(facts.things).mention : undefined
  const isThere = kinds.length > 0 && random.chance(0.5)
  const mention = isThere
    ? random.pick(kinds).mention
    : other !== undefined && !isNamedIn(kinds, other)
      ? other
      : absentMention(random, kinds, (candidate) => isNamedIn(kinds, candidate))
  if (share < 0.88) return atTime(presenceOf(mention, isThere), time, VIDEO_PHRASES.presenceAt)
  return atTime(countDraftOf(mention, countOf(scene, mention)), time, VIDEO_PHRASES.countAt)
}

/** The same question about a moment of a video. */
function atTime(draft: Draft, time: string, phrasings: readonly string[]): Draft {
  const slots = { ...draft.slots, time }
  return { ...draft, task: 'at-time', key: `at-time ${time} ${draft.key}`, phrasings, slots }
}

function atTimeList(facts: VideoFacts, frame: number): Draft | undefined {
  const time = labelAt(facts, frame)
  const list = listed(facts, frame)
  return (
    list && { ...list, task: 'at-time', key: `at-time ${time}`, phrasings: VIDEO_PHRASES.at, slots: { time } }
  )
}

/** Answers that list what a frame shows; none for a frame with nothing but text. */
function listed(
  { scenes }: VideoFacts,
  frame: number,
): Pick<Draft, 'answer' | 'sentence' | 'accepted'> | undefined {
  const scene = scenes[frame]
  if (scene === undefined || (scene.kinds.length === 0 && scene.isKnown)) return undefined
  const { kinds } = scene
  return {
    answer: listAnswer(kinds),
    sentence: kinds.length === 0 ? NOTHING_SENTENCE : `I see ${listPhrase(kinds)}.`,
    accepted: kinds.length === 0 ? ['Nothing.'] : [],
  }
}

export function firstLastDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  if (facts.frames.length < 2) return undefined
  const isFirst = random.chance(0.5)
  const list = listed(facts, isFirst ? 0 : facts.frames.length - 1)
  return (
    list && {
      ...list,
      task: 'first-last',
      key: isFirst ? 'first' : 'last',
      phrasings: isFirst ? VIDEO_PHRASES.first : VIDEO_PHRASES.last,
    }
  )
}

const NO_TEXT_SHARE = 0.15

export function readAtDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const frame = random.chance(NO_TEXT_SHARE) ? pickFrame(random, facts) : textFrame(random, facts)
  if (frame === undefined) return undefined
  const { text, scene } = facts.scenes[frame] ?? {}
  const isTextless = scene?.caption === undefined
  if (text === undefined && !isTextless) return undefined
  const time = labelAt(facts, frame)
  return {
    task: 'read-at',
    key: `read-at ${time}`,
    phrasings: VIDEO_PHRASES.readAt,
    slots: { time },
    answer: text ?? NO_TEXT,
    sentence: text === undefined ? `There is no text at ${time}.` : `At ${time} the text says ${text}.`,
    accepted: text === undefined ? ['No text.'] : [`It says ${text}.`],
  }
}

/** A frame with readable text that can be named by its time. */
function textFrame(random: WorldRandom, facts: VideoFacts): number | undefined {
  if (facts.texts.length === 0) return undefined
  return frameOfRun(random, facts, random.pick(random.pick(facts.texts).runs))
}

function frameOfRun(random: WorldRandom, { labels }: VideoFacts, { first, last }: Run): number | undefined {
  const frame = first + random.int(last - first + 1)
  return labels[frame - 1] === labels[frame] || labels[frame + 1] === labels[frame] ? undefined : frame
}

/** The one text of a video that shows it once, and when that begins. */
export function needleDraft(_random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const [track, another] = facts.texts
  if (track === undefined || another !== undefined || track.runs.length !== 1 || hasUnreadable(facts))
    return undefined
  const { text } = track
  const label = labelAt(facts, firstFrame(track))
  return {
    task: 'needle',
    key: 'needle',
    phrasings: VIDEO_PHRASES.needle,
    answer: `${text} at ${label}.`,
    sentence: `The text ${text} appears at ${label}.`,
    accepted: [`At ${label} ${text}.`, `${text}, ${label}.`],
  }
}

/** Whether there is also text that cannot be read: "the text" might be either. */
export function hasUnreadable({ frames }: VideoFacts): boolean {
  return frames.some(({ scene }) => scene.caption?.unreadable === true)
}

/** Text is shown, but nothing of it can be read. */
export function unreadableVideoDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  if (!facts.hasCaption) return undefined
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const frame = pickFrame(random, facts)
    if (frame === undefined || facts.frames[frame]?.scene.caption?.unreadable !== true) continue
    const time = labelAt(facts, frame)
    return { ...unreadableDraftOf(VIDEO_PHRASES.readAt), key: `unreadable ${time}`, slots: { time } }
  }
  return undefined
}

/** The one frame of another clip in a video of one clip; it must show other things. */
export function oddFrame({ frames, scenes, shots }: VideoFacts): number | undefined {
  if (shots.length < 2 || shots.length > 3 || frames.length <= FEWEST_USUAL) return undefined
  const odd = shots.find(
    ({ clip }) => shots.filter((shot) => shot.clip === clip).length === 1 && isOneFrame(clip),
  )
  if (odd === undefined || new Set(shots.map(({ clip }) => clip)).size !== 2) return undefined
  const usual = odd.first === 0 ? 1 : 0
  const [a, b] = [scenes[odd.first], scenes[usual]]
  if (a === undefined || b === undefined) return undefined
  return listPhrase(a.kinds) !== listPhrase(b.kinds) ? odd.first : undefined

  function isOneFrame(clip: number): boolean {
    return shots.some((shot) => shot.clip === clip && shot.first === shot.last)
  }
}

export function oddFrameDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const frame = oddFrame(facts)
  if (frame === undefined) return undefined
  if (random.chance(0.3)) {
    const list = listed(facts, frame)
    return list && { ...list, task: 'odd-frame', key: 'odd-frame what', phrasings: VIDEO_PHRASES.oddWhat }
  }
  const label = labelAt(facts, frame)
  return {
    task: 'odd-frame',
    key: 'odd-frame',
    phrasings: VIDEO_PHRASES.odd,
    answer: `At ${label}.`,
    sentence: `The odd frame is at ${label}.`,
  }
}

/** Whether two frames have backgrounds that look alike. */
export function isSameBackground({ frames }: VideoFacts, one: number, two: number): boolean {
  const [a, b] = [frames[one]?.scene.background, frames[two]?.scene.background]
  if (a === undefined || b === undefined) return false
  if (a.kind === 'photo' || b.kind === 'photo') {
    return (
      a.kind === 'photo' && b.kind === 'photo' && a.photo === b.photo && a.left === b.left && a.top === b.top
    )
  }
  return backgroundColor(a) === backgroundColor(b)
}
