import type { WorldRandom } from '../random'
import { aOf, capitalized, isShapeName, mentionSlots, nameOf, sentence } from './mention'
import type { Draft } from './phrasing'
import {
  firstFrame,
  labelAt,
  lastFrame,
  looselyNamed,
  type ThingTrack,
  type Track,
  type VideoFacts,
} from './video-facts'
import { hasUnreadable } from './video-frames'
import { VIDEO_PHRASES } from './video-phrases'

/** Of questions for a time: how many avoid its first or last frame, where that answers too much. */
const INSIDE_SHARE = 0.8
const TEXT_SHARE = 0.2

/** Longest duration that is asked for, seconds. */
const LONGEST = 99
const MOST_TIMES = 5

export function whenDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const track = pickTrack(random, facts, (candidate) => firstFrame(candidate) > 0)
  return track && whenDraftOf(facts, track)
}

export function whenDraftOf(facts: VideoFacts, track: Track): Draft {
  const { the } = track
  const label = labelAt(facts, firstFrame(track))
  return {
    task: 'when',
    key: `when ${the}`,
    phrasings: VIDEO_PHRASES.when,
    slots: { the },
    answer: `At ${label}.`,
    sentence: `${capitalized(the)} appears at ${label}.`,
    accepted: [`It appears at ${label}.`],
  }
}

export function untilDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const last = facts.frames.length - 1
  const track = pickTrack(random, facts, (candidate) => lastFrame(candidate) < last)
  return track && untilDraftOf(facts, track)
}

export function untilDraftOf(facts: VideoFacts, track: Track): Draft {
  const { the } = track
  const label = labelAt(facts, lastFrame(track))
  return {
    task: 'until',
    key: `until ${the}`,
    phrasings: VIDEO_PHRASES.until,
    slots: { the },
    answer: `At ${label}.`,
    sentence: `${capitalized(the)} is last seen at ${label}.`,
    accepted: [`Until ${label}.`],
  }
}

/** A thing or a text; mostly one that `prefers` holds for. */
function pickTrack(
  random: WorldRandom,
  facts: VideoFacts,
  prefers: (track: Track) => boolean,
): Track | undefined {
  const asksText = facts.texts.length > 0 && (facts.things.length === 0 || random.chance(TEXT_SHARE))
  const tracks: readonly Track[] = asksText ? facts.texts : facts.things
  if (tracks.length === 0) return undefined
  const preferred = tracks.filter(prefers)
  const track = random.pick(preferred.length > 0 && random.chance(INSIDE_SHARE) ? preferred : tracks)
  const thing = facts.things.find((candidate) => candidate === track)
  if (thing !== undefined) return looselyNamed(random, facts, thing)
  const isOnlyText = facts.texts.length === 1 && !hasUnreadable(facts)
  return isOnlyText && random.chance(0.5) ? { ...track, the: 'the text' } : track
}

/** From first to last sight by the timecodes, of what is seen once. Both are told first: the difference follows from them. */
export function durationDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const candidates = facts.things.filter((track) => track.runs.length === 1 && secondsOf(facts, track) > 0)
  if (candidates.length === 0) return undefined
  const track = random.pick(candidates)
  const { the } = looselyNamed(random, facts, track)
  const seconds = secondsOf(facts, track)
  if (seconds > LONGEST) return undefined
  const words = seconds === 1 ? '1 second' : `${seconds} seconds`
  const [from, to] = [labelAt(facts, firstFrame(track)), labelAt(facts, lastFrame(track))]
  return {
    task: 'duration',
    key: `duration ${the}`,
    phrasings: VIDEO_PHRASES.duration,
    slots: { the },
    answer: `From ${from} to ${to}, ${words}.`,
    sentence: `${capitalized(the)} is visible from ${from} to ${to}, for ${words}.`,
    accepted: [`${words}.`, `For ${words}.`, `${seconds}.`, `${seconds} s.`],
  }
}

/** Whole seconds between the timecodes of first and last sight. */
function secondsOf({ frames }: VideoFacts, track: Track): number {
  const at = (frame: number) => Math.round(frames[frame]?.seconds ?? 0)
  return at(lastFrame(track)) - at(firstFrame(track))
}

/** Separate appearances; more than one are preferred. */
export function timesDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const candidates = facts.things.filter(({ runs }) => runs.length <= MOST_TIMES)
  if (candidates.length === 0) return undefined
  const returning = candidates.filter(({ runs }) => runs.length > 1)
  const { the, runs } = looselyNamed(
    random,
    facts,
    random.pick(returning.length > 0 && random.chance(0.75) ? returning : candidates),
  )
  const count = runs.length
  return {
    task: 'times-seen',
    key: `times-seen ${the}`,
    phrasings: VIDEO_PHRASES.times,
    slots: { the },
    answer: `${count}.`,
    sentence: `${capitalized(the)} appears ${count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`}.`,
    accepted: [`${count} times.`, ...(count === 1 ? ['Once.'] : count === 2 ? ['Twice.'] : [])],
  }
}

/** Two things that appear at different times and may be asked about, in random order. */
function pickPair(
  random: WorldRandom,
  facts: VideoFacts,
  mayAsk: (one: Track, two: Track) => boolean = () => true,
): readonly [ThingTrack, ThingTrack] | undefined {
  const { things } = facts
  for (let attempt = 0; attempt < 3 && things.length > 1; attempt += 1) {
    const [first, second] = [random.pick(things), random.pick(things)]
    if (firstFrame(first) !== firstFrame(second) && mayAsk(first, second)) {
      return [looselyNamed(random, facts, first), looselyNamed(random, facts, second)]
    }
  }
  return undefined
}

export function orderDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const pair = pickPair(random, facts)
  if (pair === undefined) return undefined
  const [one, two] = pair
  const asksLater = random.chance(0.25)
  const isOne = firstFrame(one) < firstFrame(two) !== asksLater
  const answer = isOne ? one.the : two.the
  return {
    task: 'order',
    key: `order ${one.the} ${two.the}`,
    phrasings: asksLater ? VIDEO_PHRASES.orderLater : VIDEO_PHRASES.order,
    slots: { the: one.the, other: two.the },
    answer: sentence(answer),
    sentence: sentence(`${answer} appears ${asksLater ? 'later' : 'first'}`),
  }
}

export function beforeAfterDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  return random.chance(0.55) ? pairDraft(random, facts) : neighbourDraft(random, facts)
}

/** Whether one comes before the other however it is understood: what returns may come both before and after. */
function isPlainlyOrdered(one: Track, two: Track): boolean {
  const [earlier, later] = firstFrame(one) < firstFrame(two) ? [one, two] : [two, one]
  return lastFrame(earlier) < firstFrame(later) || (one.runs.length === 1 && two.runs.length === 1)
}

function pairDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const pair = pickPair(random, facts, isPlainlyOrdered)
  if (pair === undefined) return undefined
  const [one, two] = pair
  const relation = random.pick(['before', 'before', 'after'] as const)
  const isSo = firstFrame(one) < firstFrame(two) === (relation === 'before')
  const { the } = one
  return {
    task: 'before-after',
    key: `before-after ${the} ${two.the}`,
    phrasings: VIDEO_PHRASES[relation],
    slots: { the, other: two.the },
    answer: isSo ? 'Yes.' : 'No.',
    sentence: isSo
      ? `Yes, ${the} appears ${relation} ${two.the}.`
      : `No, ${the} does not appear ${relation} ${two.the}.`,
  }
}

/** What appears next or just before; it must be the only thing that does so. */
function neighbourDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const { things } = facts
  if (things.length < 2) return undefined
  const at = random.int(things.length)
  const track = things[at]
  if (track === undefined) return undefined
  const asksNext = random.chance(0.7)
  const step = asksNext ? 1 : -1
  const frame = firstFrame(track)
  let other = at + step
  // Passes those that appear together with it.
  while (things[other] !== undefined && firstFrame(things[other] ?? track) === frame) other += step
  const found = things[other]
  if (found === undefined) return undefined
  const beyond = things[other + step]
  if (beyond !== undefined && firstFrame(beyond) === firstFrame(found)) return undefined
  const asked = looselyNamed(random, facts, track)
  const relation = asksNext ? 'after' : 'before'
  return {
    task: 'before-after',
    key: `before-after ${relation} ${asked.the}`,
    phrasings: asksNext ? VIDEO_PHRASES.next : VIDEO_PHRASES.previous,
    slots: mentionSlots(asked.mention),
    answer: sentence(aOf(found.mention)),
    sentence: sentence(
      `${aOf(found.mention)} appears ${asksNext ? 'next after' : 'just before'} the ${nameOf(asked.mention)}`,
    ),
    accepted: isShapeName(found.mention.name) ? [`${nameOf(found.mention)}.`] : [],
  }
}
