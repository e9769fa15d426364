import type { VideoFrame } from '../composition'
import type { WorldRandom } from '../random'
import type { WorldQuestion } from '../scene'
import { chooseQuestions, type QuestionOptions, type TaskMaker } from './choose-questions'
import { absentDraftOf, noTextDraft, presenceOf } from './image-questions'
import { aOf, joined, nameOf, sentence } from './mention'
import type { Draft } from './phrasing'
import { absentMention, listPhrase } from './scene-facts'
import { nothingDraft, offTopicDraft, outOfWorldDraft } from './unknown-drafts'
import { changeDraft, movingDraft } from './video-change'
import { labelAt, looselyNamed, videoFactsOf, type Shot, type VideoFacts } from './video-facts'
import {
  atTimeDraft,
  firstLastDraft,
  isSameBackground,
  needleDraft,
  oddFrameDraft,
  readAtDraft,
  unreadableVideoDraft,
} from './video-frames'
import { VIDEO_PHRASES } from './video-phrases'
import { beforeAfterDraft, durationDraft, orderDraft, timesDraft, untilDraft, whenDraft } from './video-time'

/** Most kinds of things in one answer. */
const LONGEST_LIST = 6
/** Most scenes that are counted, and that a summary tells of. */
const MOST_SCENES = 9
const MOST_TOLD = 5

/** Everything that is asked about one video. Tasks of weight 0 do not need the video. */
const VIDEO_TASKS: readonly TaskMaker<VideoFacts>[] = [
  { task: 'when', make: whenDraft, weight: 2 },
  { task: 'until', make: untilDraft, weight: 1.2 },
  { task: 'at-time', make: atTimeDraft, weight: 2 },
  { task: 'order', make: orderDraft, weight: 1 },
  { task: 'first-last', make: firstLastDraft, weight: 1 },
  { task: 'before-after', make: beforeAfterDraft, weight: 1 },
  { task: 'duration', make: durationDraft, weight: 1 },
  { task: 'times-seen', make: timesDraft, weight: 1 },
  { task: 'scenes', make: scenesDraft, weight: 0.8 },
  { task: 'change', make: changeDraft, weight: 1.2 },
  { task: 'moving', make: movingDraft, weight: 1.2 },
  { task: 'read-at', make: readAtDraft, weight: 1.5 },
  { task: 'needle', make: needleDraft, weight: 4 },
  { task: 'odd-frame', make: oddFrameDraft, weight: 5 },
  { task: 'video-presence', make: videoPresenceDraft, weight: 1.5 },
  { task: 'video-list', make: videoListDraft, weight: 1 },
  { task: 'summary', make: summaryDraft, weight: 0.8 },
  { task: 'absent', make: absentVideoDraft, weight: 0.8 },
  { task: 'nothing-known', make: nothingKnownVideoDraft, weight: 2 },
  { task: 'unreadable', make: unreadableVideoDraft, weight: 1 },
  {
    task: 'out-of-world',
    make: (random, facts) => outOfWorldDraft(random, splitOf(facts), 'video'),
    weight: 0,
  },
  { task: 'off-topic', make: (random, facts) => offTopicDraft(random, splitOf(facts)), weight: 0 },
]

/**
 * Different questions about a video, evenly over the tasks that it allows.
 * @throws RangeError of a video without frames
 */
export function videoQuestions(
  random: WorldRandom,
  frames: readonly VideoFrame[],
  options: QuestionOptions,
): WorldQuestion[] {
  return chooseQuestions(random, VIDEO_TASKS, videoFactsOf(frames), options)
}

/** The question for the one text of a video and its time: none when there is no text, or more than one. */
export function needleQuestions(
  random: WorldRandom,
  frames: readonly VideoFrame[],
  options: Omit<QuestionOptions, 'count' | 'tasks'> = {},
): WorldQuestion[] {
  return videoQuestions(random, frames, { ...options, count: 1, tasks: ['needle'] })
}

function splitOf({ frames }: VideoFacts) {
  return frames[0]?.scene.split ?? 'train'
}

function isShown({ byName }: VideoFacts) {
  return (mention: Parameters<typeof nameOf>[0]) => byName.has(nameOf(mention))
}

function videoPresenceDraft(random: WorldRandom, facts: VideoFacts): Draft {
  const { things } = facts
  const isThere = things.length > 0 && random.chance(0.5)
  const mention = isThere ? looselyNamed(random, facts, random.pick(things)).mention : absentIn(random, facts)
  const name = nameOf(mention)
  return {
    ...presenceOf(mention, isThere),
    task: 'video-presence',
    phrasings: VIDEO_PHRASES.presence,
    sentence: isThere ? `Yes, ${aOf(mention)} appears.` : `No, there is no ${name}.`,
  }
}

function absentIn(random: WorldRandom, facts: VideoFacts) {
  const kinds = facts.things.map(({ mention }) => ({ mention, count: 1 }))
  return absentMention(random, kinds, isShown(facts))
}

function videoListDraft(_random: WorldRandom, { things }: VideoFacts): Draft | undefined {
  if (things.length === 0 || things.length > LONGEST_LIST) return undefined
  const list = joined(things.map(({ mention }) => aOf(mention)))
  return {
    task: 'video-list',
    key: 'video-list',
    phrasings: VIDEO_PHRASES.list,
    answer: sentence(list),
    sentence: `The video shows ${list}.`,
  }
}

/** One sentence a shot: its time and what is seen in it. */
function summaryDraft(_random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const { shots, isKnown } = facts
  if (!isKnown || shots.length > MOST_TOLD) return undefined
  const answer = shots.map((shot) => `At ${labelAt(facts, shot.first)} ${toldOf(facts, shot)}.`).join(' ')
  return { task: 'summary', key: 'summary', phrasings: VIDEO_PHRASES.summary, answer }
}

/** `a dog and a cat, with the text EXIT 42`: all that is seen in a shot. */
function toldOf({ scenes, things, texts }: VideoFacts, { first, last }: Shot): string {
  const isIn = ({ runs }: { readonly runs: readonly { first: number; last: number }[] }) =>
    runs.some((run) => run.first <= last && run.last >= first)
  const seen = things.filter(isIn)
  const start = scenes[first]?.kinds ?? []
  // What is there from the beginning stands from left to right, and with its number; then what comes in.
  const later = seen.filter(
    ({ mention }) =>
      !start.some((kind) => kind.mention.name === mention.name && kind.mention.color === mention.color),
  )
  const list = listPhrase([...start, ...later.map(({ mention }) => ({ mention, count: 1 }))])
  const text = texts.find(isIn)?.text
  if (text === undefined) return list === '' ? 'nothing that I know' : list
  return list === '' ? `the text ${text}` : `${list}, with the text ${text}`
}

/** Cuts must be plain to see, and no shot may look like two. */
function scenesDraft(random: WorldRandom, facts: VideoFacts): Draft | undefined {
  const { shots, scenes } = facts
  const count = shots.length
  if (count > MOST_SCENES || facts.frames.length < 2) return undefined
  const isPlain = shots.every(({ first, last }, at) => {
    if (!isSameBackground(facts, first, last)) return false
    const next = shots[at + 1]
    if (next === undefined) return true
    const [before, after] = [scenes[last], scenes[next.first]]
    return (
      !isSameBackground(facts, last, next.first) ||
      (before !== undefined && after !== undefined && listPhrase(before.kinds) !== listPhrase(after.kinds))
    )
  })
  if (!isPlain) return undefined
  const second = shots[1]
  if (second !== undefined && random.chance(0.25)) {
    const label = labelAt(facts, second.first)
    return {
      task: 'scenes',
      key: 'cut',
      phrasings: VIDEO_PHRASES.cut,
      answer: `At ${label}.`,
      sentence: `The second scene begins at ${label}.`,
    }
  }
  return {
    task: 'scenes',
    key: 'scenes',
    phrasings: VIDEO_PHRASES.scenes,
    answer: `${count}.`,
    sentence: count === 1 ? 'There is one scene.' : `There are ${count} scenes.`,
    accepted: [count === 1 ? '1 scene.' : `${count} scenes.`],
  }
}

/** Takes for granted what never appears. */
function absentVideoDraft(random: WorldRandom, facts: VideoFacts): Draft {
  if (!facts.hasCaption && random.chance(0.35)) return noTextDraft(VIDEO_PHRASES.needle)
  const kind = random.pick(['when', 'when', 'until', 'duration'] as const)
  return absentDraftOf(absentIn(random, facts), VIDEO_PHRASES[kind], kind)
}

function nothingKnownVideoDraft(_random: WorldRandom, { isKnown }: VideoFacts): Draft | undefined {
  return isKnown ? undefined : nothingDraft([...VIDEO_PHRASES.list, ...VIDEO_PHRASES.summary])
}
