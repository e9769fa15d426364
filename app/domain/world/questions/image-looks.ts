import { mixRgb, type Rgb } from '../colors'
import type { WorldRandom } from '../random'
import type { Scene } from '../scene'
import { IMAGE_PHRASES } from './image-phrases'
import { capitalized, joined, sentence } from './mention'
import type { Draft } from './phrasing'
import { backgroundColor, backgroundPhrase, listPhrase, type SceneFacts } from './scene-facts'

/** Luma of a background, 0…255, below and above which a picture is plainly dark and bright. */
const DARK = 50
const BRIGHT = 195

export function backgroundDraft(_random: WorldRandom, { scene }: SceneFacts): Draft {
  return backgroundDraftOf(scene)
}

export function backgroundDraftOf({ background }: Scene): Draft {
  const color = backgroundColor(background)
  return {
    task: 'background',
    key: 'background',
    phrasings: IMAGE_PHRASES.background,
    answer: color === undefined ? 'A photograph.' : sentence(color),
    sentence: color === undefined ? 'The background is a photograph.' : `The background is ${color}.`,
    accepted: color === undefined ? ['Photo.'] : [`It is ${color}.`, `${color} background.`],
  }
}

/** Reads a readable text. */
export function readDraft(_random: WorldRandom, { text }: SceneFacts): Draft | undefined {
  return text === undefined ? undefined : readDraftOf(text)
}

export function readDraftOf(text: string): Draft {
  return {
    task: 'read',
    key: 'read',
    phrasings: IMAGE_PHRASES.read,
    answer: text,
    sentence: `The text says ${text}.`,
    accepted: [`It says ${text}.`],
  }
}

/** Only of plain backgrounds, of which the brightness is known, and only when it is plain. */
export function brightnessDraft(_random: WorldRandom, { scene }: SceneFacts): Draft | undefined {
  const brightness = brightnessOf(scene)
  return (
    brightness && {
      task: 'brightness',
      key: 'brightness',
      phrasings: IMAGE_PHRASES.brightness,
      answer: sentence(brightness),
      sentence: `The picture is ${brightness}.`,
      accepted: [`It is ${brightness}.`],
    }
  )
}

/** Of a plain background without bars; undefined when it is neither or cannot be known from the scene. */
export function brightnessOf({ background, effects }: Scene): 'dark' | 'bright' | undefined {
  if (background.kind === 'photo' || effects.letterbox !== undefined) return undefined
  const rgb = background.kind === 'flat' ? background.rgb : mixRgb(background.from, background.to, 0.5)
  const luma = Math.min(255, lumaOf(rgb) * effects.brightness)
  return luma <= DARK ? 'dark' : luma >= BRIGHT ? 'bright' : undefined
}

/** ITU-R BT.601. */
function lumaOf([red, green, blue]: Rgb): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue
}

/** Things, background and text in one phrase. */
export function describeDraft(_random: WorldRandom, facts: SceneFacts): Draft | undefined {
  if (!facts.isKnown || facts.scene.caption?.unreadable === true) return undefined
  const { background } = facts.scene
  const { text, kinds } = facts
  const things = kinds.length > 0 ? listPhrase(kinds) : undefined
  const phrase =
    things === undefined
      ? `the text ${text ?? ''} on ${backgroundPhrase(background)}`
      : `${things} on ${backgroundPhrase(background)}${text === undefined ? '' : `, with the text ${text}`}`
  return {
    task: 'describe',
    key: 'describe',
    phrasings: IMAGE_PHRASES.describe,
    answer: `${capitalized(phrase)}.`,
    sentence: `I see ${phrase}.`,
    accepted: [
      `The picture shows ${phrase}.`,
      ...(things !== undefined && text !== undefined
        ? [`${joined([listPhrase(kinds), `the text ${text}`])} on ${backgroundPhrase(background)}.`]
        : []),
    ],
  }
}
