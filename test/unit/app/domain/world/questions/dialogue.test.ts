import { describe, expect, it } from 'vitest'
import type { VideoFrame, WorldSet } from '../../../../../../app/domain/world/composition'
import { dialogue } from '../../../../../../app/domain/world/questions/dialogue'
import { createRandom } from '../../../../../../app/domain/world/random'
import type { Scene } from '../../../../../../app/domain/world/scene'
import { flat, PHOTO, picture, shape, thing, video } from '../../../../../helpers/world-scenes'

/** Dialogues as "question answer" lines. */
function heard(shown: Scene | readonly VideoFrame[] | WorldSet): Set<string> {
  const dialogues = new Set<string>()
  for (let seed = 0; seed < 800; seed += 1) {
    const turns = dialogue(createRandom('dialogue', seed), shown, { canonicalOnly: true })
    expect(turns.slice(1).every(({ task }) => task === 'reference' || task === 'presence')).toBe(true)
    dialogues.add(turns.map(({ question, answer }) => `${question} ${answer}`).join(' / '))
  }
  return dialogues
}

describe('a dialogue', () => {
  const scene = picture(flat('blue'), [thing('dog', 0.2, 0.2), shape('red', 'star', 0.8, 0.5)], 'LIVE')

  it('refers back to a thing of a picture', () => {
    const dialogues = heard(scene)

    expect(dialogues).toContain(
      'Is there a dog? Yes. / And where is it? At the top left. / Is there also a red star? Yes.',
    )
    expect(dialogues).toContain(
      'Is there a dog? Yes. / And where is it? At the top left. / What is right of it? A red star.',
    )
    expect(dialogues).toContain(
      'Is there a star? Yes. / What color is it? Red. / And where is it? At the right.',
    )
    expect(dialogues).toContain(
      'Is there any text? Yes. / What does it say? LIVE / And where is it? At the bottom.',
    )
    expect(dialogues).toContain(
      'How many dogs are there? 1. / And how many red stars? 1. / And what is the background? Blue.',
    )
  })

  it('stays with what is not there', () => {
    const found = [...heard(scene)].find((lines) =>
      /^Is there a (\w+)\? No\. \/ And where is it\? There is no \1\. \/ Is there also a dog\? Yes\./.test(
        lines,
      ),
    )

    expect(found).toBeDefined()
  })

  it('can be about a picture in which nothing is known', () => {
    for (const lines of heard(picture(PHOTO, []))) expect(lines).not.toMatch(/Yes/)
  })

  it('refers back to a moment of a video', () => {
    const frames = video(5, [
      [1, picture(PHOTO, [])],
      [2, picture(PHOTO, [thing('cat', 0.8, 0.2)])],
      [2, picture(PHOTO, [thing('cat', 0.8, 0.2)])],
    ])
    const dialogues = heard(frames)

    expect(dialogues).toContain('Does a cat appear? Yes. / And when? At 00:05. / And until when? At 00:10.')
    expect(dialogues).toContain(
      'Does a cat appear? Yes. / And when? At 00:05. / And where is it then? At the top right.',
    )
  })

  it('is about the text of a video only where no other is too small to read', () => {
    const frames = video(5, [
      [1, picture(PHOTO, [thing('cat', 0.8, 0.2)])],
      [2, picture(PHOTO, [], 'NEWS')],
    ])
    const small = picture(PHOTO, [], 'LIVE', true)
    const says = 'Is there any text? Yes. / What does it say? NEWS / And when? At 00:05.'

    expect(heard(frames)).toContain(says)
    expect(heard([...frames, { seconds: 10, scene: small, clip: 3, phase: 0 }])).not.toContain(says)
  })

  it('refers back to one of several pictures', () => {
    const set: WorldSet = {
      pictures: [
        { clip: 1, phase: 0, scene: picture(flat('green'), [thing('dog', 0.5, 0.5)]) },
        { clip: 2, phase: 0, scene: picture(PHOTO, [thing('cat', 0.5, 0.5)]) },
      ],
    }

    expect(heard(set)).toContain(
      'Which picture shows a dog? Picture 1. / And the cat? Picture 2. / What is the background there? A photograph.',
    )
  })
})
