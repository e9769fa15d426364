import type { ModelDescription } from './model-description'

/** One line of what is known of every model, with a card or without. */
export interface ModelFact {
  readonly name: string
  readonly value: string
}

type Ability = ModelDescription['abilities'][number]

const shownWords: readonly (readonly [Ability, string])[] = [
  ['image', 'pictures'],
  ['images', 'several pictures at once'],
  ['tiles', 'large pictures in tiles'],
  ['video', 'videos'],
]

/** What a model can be shown and asked, for people; from its description alone. */
export function modelFacts({ abilities, language, vision, video, license }: ModelDescription): ModelFact[] {
  const shown = shownWords.filter(([ability]) => abilities.includes(ability)).map(([, words]) => words)
  return [
    { name: 'Can be shown', value: shown.length === 0 ? 'nothing but text' : shown.join(', ') },
    {
      name: 'Can be asked',
      value: abilities.includes('turns')
        ? 'questions that follow up on each other'
        : 'one question at a time',
    },
    ...(abilities.includes('video') ? [{ name: 'Frames of a video', value: frameWords(video) }] : []),
    { name: 'Tokens of a picture', value: vision.tokensPerImage.toLocaleString('en') },
    { name: 'Longest context', value: `${language.contextLength.toLocaleString('en')} tokens` },
    { name: 'Licence', value: license },
  ]
}

function frameWords({ intervalSeconds, maxFrames }: ModelDescription['video']): string {
  const pace =
    intervalSeconds === 1 ? 'one a second' : `one every ${intervalSeconds.toLocaleString('en')} seconds`
  return `${pace}, at most ${maxFrames.toLocaleString('en')}`
}
