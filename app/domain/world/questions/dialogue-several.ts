import type { WorldRandom } from '../random'
import { isThereAlso, referring, whereIsIt, type Turns } from './dialogue-image'
import { DIALOGUE_PHRASES } from './dialogue-phrases'
import { backgroundDraftOf, readDraftOf } from './image-looks'
import { IMAGE_PHRASES } from './image-phrases'
import { absentDraftOf, presenceOf } from './image-questions'
import { aOf, nameOf, type Mention } from './mention'
import type { Draft } from './phrasing'
import { absentMention, isNamedIn } from './scene-facts'
import { SEVERAL_PHRASES } from './several-phrases'
import { whichDraftOf, type SetFacts } from './set-questions'
import { firstFrame, looselyNamed, type VideoFacts } from './video-facts'
import { hasUnreadable } from './video-frames'
import { VIDEO_PHRASES } from './video-phrases'
import { untilDraftOf, whenDraftOf } from './video-time'

/** Three turns about a video. */
export function videoTurns(random: WorldRandom, facts: VideoFacts): Turns {
  const { things, texts } = facts
  const [text] = texts
  const isOnlyText = texts.length === 1 && !hasUnreadable(facts)
  if (isOnlyText && text !== undefined && (things.length === 0 || random.chance(0.3))) {
    return [
      {
        task: 'video-presence',
        key: 'text',
        phrasings: IMAGE_PHRASES.text,
        answer: 'Yes.',
        sentence: 'Yes, there is text.',
      },
      referring(readDraftOf(text.text), DIALOGUE_PHRASES.says),
      referring(whenDraftOf(facts, text), DIALOGUE_PHRASES.when),
    ]
  }
  return things.length === 0 || random.chance(0.2)
    ? absentTurns(random, facts)
    : appearingTurns(random, facts)
}

/** It appears; when; until when, where then, or another thing. */
function appearingTurns(random: WorldRandom, facts: VideoFacts): Turns {
  const track = looselyNamed(random, facts, random.pick(facts.things))
  const scene = facts.scenes[firstFrame(track)]
  const share = random.next()
  const third =
    share < 0.4
      ? referring(untilDraftOf(facts, track), DIALOGUE_PHRASES.until)
      : share < 0.7 && scene !== undefined
        ? whereIsIt(scene, track.mention, DIALOGUE_PHRASES.whereIsItThen)
        : undefined
  return [
    appears(track.mention, true),
    referring(whenDraftOf(facts, track), DIALOGUE_PHRASES.when),
    third ?? alsoAppears(random, facts, track.mention),
  ]
}

function absentTurns(random: WorldRandom, facts: VideoFacts): Turns {
  const kinds = kindsOf(facts)
  const absent = absentMention(random, kinds, (mention) => facts.byName.has(nameOf(mention)))
  return [
    appears(absent, false),
    referring(absentDraftOf(absent, [], 'when'), DIALOGUE_PHRASES.when),
    alsoAppears(random, facts, absent),
  ]
}

function kindsOf({ things }: VideoFacts) {
  return things.map(({ mention }) => ({ mention, count: 1 }))
}

function appears(mention: Mention, isThere: boolean): Draft {
  return {
    ...presenceOf(mention, isThere),
    task: 'video-presence',
    phrasings: VIDEO_PHRASES.presence,
    sentence: isThere ? `Yes, ${aOf(mention)} appears.` : `No, there is no ${nameOf(mention)}.`,
  }
}

function alsoAppears(random: WorldRandom, facts: VideoFacts, asked: Mention): Draft {
  const draft = isThereAlso(random, { kinds: kindsOf(facts) }, asked)
  return { ...draft, phrasings: DIALOGUE_PHRASES.alsoAppears }
}

/** Three turns about several pictures: where one thing is, where another is, and what is behind that. */
export function setTurns(random: WorldRandom, facts: SetFacts): Turns {
  const { pictures, kinds } = facts
  const isThere = (mention: Mention) => isNamedIn(kinds, mention)
  const absent = absentMention(random, kinds, isThere)
  const absentToo = absentMention(
    random,
    kinds,
    (mention) => nameOf(mention) === nameOf(absent) || isThere(mention),
  )
  const unique = random
    .shuffle(kinds)
    .map(({ mention }) => mention)
    .filter((mention) => pictures.filter((picture) => isNamedIn(picture.kinds, mention)).length === 1)
  const [first, second] = unique
  if (first === undefined) {
    return [
      absentDraftOf(absent, SEVERAL_PHRASES.which, 'which'),
      referring(absentDraftOf(absentToo, [], 'which'), DIALOGUE_PHRASES.andWhich),
      isThereAlso(random, facts, [absent, absentToo]),
    ]
  }
  const follows = random.chance(0.75) ? second : undefined
  return [
    whichOf(facts, first),
    referring(whichOf(facts, follows ?? absent), DIALOGUE_PHRASES.andWhich),
    backgroundThere(facts, follows ?? first),
  ]
}

function whichOf(facts: SetFacts, mention: Mention): Draft {
  return whichDraftOf(facts, mention) ?? absentDraftOf(mention, SEVERAL_PHRASES.which, 'which')
}

/** The background of the picture that shows it. */
function backgroundThere({ pictures }: SetFacts, mention: Mention): Draft {
  const picture = pictures.find(({ kinds }) => isNamedIn(kinds, mention))
  if (picture === undefined) throw new RangeError(`expected a picture with ${aOf(mention)}, got none`)
  return referring(backgroundDraftOf(picture.scene), DIALOGUE_PHRASES.backgroundThere)
}
