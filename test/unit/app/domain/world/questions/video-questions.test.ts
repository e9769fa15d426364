import { describe, expect, it } from 'vitest'
import { needleQuestions, videoQuestions } from '../../../../../../app/domain/world/questions/video-questions'
import type { VideoFrame } from '../../../../../../app/domain/world/composition'
import { createRandom } from '../../../../../../app/domain/world/random'
import type { WorldTask } from '../../../../../../app/domain/world/scene'
import { askedOften, flat, PHOTO, picture, shape, thing, video } from '../../../../../helpers/world-scenes'

const dog = thing('dog', 0.2, 0.5)
const farDog = thing('dog', 0.8, 0.5)
const cat = thing('cat', 0.8, 0.2)
const circle = shape('red', 'circle', 0.5, 0.8)

/**
 * 00:00 to 00:06 a dog goes to the right; 00:08 to 00:12 a cat, at 00:10 a red circle joins, with a text at 00:10 and
 * 00:12; 00:14 and 00:16 the dog again.
 */
const FILM = video(2, [
  [1, picture(flat('blue'), [dog])],
  [1, picture(flat('blue'), [thing('dog', 0.4, 0.5)])],
  [1, picture(flat('blue'), [thing('dog', 0.6, 0.5)])],
  [1, picture(flat('blue'), [farDog])],
  [2, picture(flat('green'), [cat])],
  [2, picture(flat('green'), [cat, circle], 'EXIT 42')],
  [2, picture(flat('green'), [cat, circle], 'EXIT 42')],
  [3, picture(PHOTO, [dog])],
  [3, picture(PHOTO, [dog])],
])

function asked(frames: readonly VideoFrame[], task: WorldTask): Map<string, string> {
  return askedOften((random) =>
    videoQuestions(random, frames, { count: 3, tasks: [task], canonicalOnly: true }),
  )
}

describe('questions about a video', () => {
  it('say when things and texts appear first and are seen last', () => {
    const first = asked(FILM, 'when')
    const last = asked(FILM, 'until')

    expect(first.get('When does the dog appear?')).toBe('At 00:00.')
    expect(first.get('When does the red circle appear?')).toBe('At 00:10.')
    expect(first.get('When does the text EXIT 42 appear?')).toBe('At 00:10.')
    expect(last.get('When is the dog last seen?')).toBe('At 00:16.')
    expect(last.get('When is the cat last seen?')).toBe('At 00:12.')
  })

  it('say "the text" only where there is one, readable or not', () => {
    const one = video(1, [
      [1, picture(PHOTO, [dog])],
      [2, picture(PHOTO, [dog], 'NEWS')],
    ])
    const small = picture(PHOTO, [dog], 'LIVE', true)
    const two = [...one, { seconds: 2, scene: small, clip: 3, phase: 0 }]

    expect(asked(one, 'when').get('When does the text appear?')).toBe('At 00:01.')
    expect(asked(two, 'when').get('When does the text NEWS appear?')).toBe('At 00:01.')
    expect(asked(two, 'when').has('When does the text appear?')).toBe(false)
    expect(asked(two, 'until').has('When is the text last seen?')).toBe(false)
  })

  it('say what is shown at a time', () => {
    const answers = asked(FILM, 'at-time')

    expect(answers.get('What is shown at 00:10?')).toBe('A red circle and a cat.')
    expect(answers.get('What is the background at 00:08?')).toBe('Green.')
    expect(answers.get('Is there a cat at 00:12?')).toBe('Yes.')
    expect(answers.get('Is there a cat at 00:14?')).toBe('No.')
    expect(answers.get('How many dogs are there at 00:16?')).toBe('1.')
  })

  it('put things in order', () => {
    expect(asked(FILM, 'order').get('Which appears first, the cat or the dog?')).toBe('The dog.')
    const answers = asked(FILM, 'before-after')
    expect(answers.get('Does the cat appear before the red circle?')).toBe('Yes.')
    expect(answers.get('Does the red circle appear before the cat?')).toBe('No.')
    expect(answers.get('What appears next after the dog?')).toBe('A cat.')
    expect(answers.get('What appears just before the circle?')).toBe('A cat.')
  })

  it('do not ask before or after what returns in between, which would be both', () => {
    const pairs = (frames: readonly VideoFrame[]) =>
      [...asked(frames, 'before-after')].filter(([question]) => /dog .*cat|cat .*dog/.test(question))

    // The dog is seen before the cat and again after it.
    expect(pairs(FILM)).toEqual([])
    expect(new Map(pairs(FILM.slice(0, 7)))).toEqual(
      new Map([
        ['Does the dog appear before the cat?', 'Yes.'],
        ['Does the cat appear before the dog?', 'No.'],
        ['Does the dog appear after the cat?', 'No.'],
        ['Does the cat appear after the dog?', 'Yes.'],
      ]),
    )
    // What returns only later is still plain.
    const returning = video(1, [
      [1, picture(PHOTO, [dog])],
      [2, picture(PHOTO, [cat])],
      [3, picture(PHOTO, [circle])],
      [4, picture(PHOTO, [cat])],
    ])
    expect(new Map(pairs(returning)).get('Does the dog appear after the cat?')).toBe('No.')
  })

  it('say what is shown first and last', () => {
    expect(asked(FILM, 'first-last')).toEqual(
      new Map([
        ['What is shown first?', 'A dog.'],
        ['What is shown last?', 'A dog.'],
      ]),
    )
  })

  it('measure by the timecodes how long something is seen that is seen once', () => {
    expect(asked(FILM, 'duration')).toEqual(
      new Map([
        ['How long is the cat visible?', 'From 00:08 to 00:12, 4 seconds.'],
        ['How long is the red circle visible?', 'From 00:10 to 00:12, 2 seconds.'],
        ['How long is the circle visible?', 'From 00:10 to 00:12, 2 seconds.'],
      ]),
    )
  })

  it('count separate appearances, and scenes', () => {
    const times = asked(FILM, 'times-seen')

    expect(times.get('How many times does the dog appear?')).toBe('2.')
    expect(times.get('How many times does the cat appear?')).toBe('1.')
    expect(asked(FILM, 'scenes')).toEqual(
      new Map([
        ['How many scenes are there?', '3.'],
        ['When does the second scene begin?', 'At 00:08.'],
      ]),
    )
  })

  it('do not ask for different scenes where a clip that returns counts again', () => {
    const returning = video(1, [
      [1, picture(flat('blue'), [dog])],
      [2, picture(flat('green'), [cat])],
      [1, picture(flat('blue'), [dog])],
    ])
    const answers = askedOften((random) =>
      videoQuestions(random, returning, { count: 1, tasks: ['scenes'], typos: false }),
    )

    expect(answers.get('How many scenes do you see?')).toBe('3.')
    expect([...answers.keys()].filter((question) => /different/i.test(question))).toEqual([])
  })

  it('say what changes between two moments of a scene', () => {
    const answers = asked(FILM, 'change')

    expect(answers.get('What changes between 00:00 and 00:06?')).toBe('The dog moves.')
    expect(answers.get('What changes between 00:14 and 00:16?')).toBe('Nothing changes.')
    // A circle and a text at once: two changes are not asked for.
    expect(answers.has('What changes between 00:08 and 00:12?')).toBe(false)
    const fade = video(1, [
      [1, picture(flat('blue'), [dog])],
      [1, picture(flat('pink'), [dog])],
    ])
    expect(asked(fade, 'change').get('What changes between 00:00 and 00:01?')).toBe(
      'The background turns pink.',
    )
    const leaving = video(1, [
      [1, picture(flat('blue'), [dog, cat])],
      [1, picture(flat('blue'), [dog])],
    ])
    expect(asked(leaving, 'change').get('What changes between 00:00 and 00:01?')).toBe('A cat disappears.')
  })

  it('say what moves, and where to', () => {
    const frames = FILM.slice(0, 6)
    const answers = asked(frames, 'moving')

    expect(answers.get('Does the dog move?')).toBe('Yes.')
    expect(answers.get('Which way does the dog move?')).toBe('To the right.')
    expect(answers.get('Does the cat move?')).toBe('No.')
    expect(asked(FILM.slice(0, 4), 'moving').get('What moves?')).toBe('The dog.')
  })

  it('read the text at a time', () => {
    const answers = asked(FILM, 'read-at')

    expect(answers.get('What text is shown at 00:12?')).toBe('EXIT 42')
    expect(answers.get('What text is shown at 00:00?')).toBe('There is no text.')
  })

  it('find the one text and its time', () => {
    const [needle] = needleQuestions(createRandom(1), FILM, { canonicalOnly: true })

    expect(needle).toMatchObject({
      task: 'needle',
      question: 'What text appears, and when?',
      answer: 'EXIT 42 at 00:10.',
    })
    expect(needleQuestions(createRandom(1), FILM.slice(0, 4))).toEqual([])
    const twoTexts = video(1, [
      [1, picture(PHOTO, [], 'NEWS')],
      [2, picture(PHOTO, [], 'LIVE')],
    ])
    expect(needleQuestions(createRandom(1), twoTexts)).toEqual([])
  })

  it('find the one frame that is different', () => {
    const usual = picture(flat('blue'), [dog])
    const frames = video(1, [
      ...Array.from({ length: 192 }, () => [1, usual] as const),
      [2, picture(PHOTO, [cat])],
      ...Array.from({ length: 20 }, () => [1, usual] as const),
    ])

    expect(asked(frames, 'odd-frame')).toEqual(
      new Map([
        ['When is the odd frame?', 'At 03:12.'],
        ['What does the odd frame show?', 'A cat.'],
      ]),
    )
    expect(asked(FILM, 'odd-frame').size).toBe(0)
  })

  it('ask whether something appears at all', () => {
    const answers = asked(FILM, 'video-presence')

    expect(answers.get('Does a cat appear?')).toBe('Yes.')
    expect(answers.get('Does a red circle appear?')).toBe('Yes.')
    expect(answers.get('Does a green circle appear?')).toBe('No.')
    expect(answers.get('Does a horse appear?')).toBe('No.')
  })

  it('list and summarize', () => {
    expect(asked(FILM, 'video-list').get('What appears in the video?')).toBe('A dog, a cat and a red circle.')
    expect(asked(FILM, 'summary').get('Summarize the video.')).toBe(
      'At 00:00 a dog. At 00:08 a cat and a red circle, with the text EXIT 42. At 00:14 a dog.',
    )
  })

  it('say what is missing, unreadable or unknown', () => {
    const silent = FILM.slice(0, 4)
    const absent = asked(silent, 'absent')

    expect(absent.get('When does the cat appear?')).toBe('There is no cat.')
    expect(absent.get('What text appears, and when?')).toBe('There is no text.')
    const small = video(1, [
      [1, picture(PHOTO, [], 'NEWS', true)],
      [1, picture(PHOTO, [], 'NEWS', true)],
    ])
    expect(asked(small, 'unreadable').get('What text is shown at 00:01?')).toBe('I cannot read the text.')
    const unknown = video(1, [
      [1, picture(PHOTO, [])],
      [2, picture(PHOTO, [])],
    ])
    expect(asked(unknown, 'nothing-known').get('What appears in the video?')).toBe(
      'I see nothing that I know.',
    )
    expect(asked(FILM, 'nothing-known').size).toBe(0)
  })

  it('name no time that two frames share', () => {
    const scenes = [[dog], [cat], [circle], [dog, cat], []]
    const frames = video(
      0.5,
      scenes.map((items, at) => [at, picture(flat('blue'), items)] as const),
    )

    // 0.5 and 1 s are both 00:01, 1.5 and 2 s both 00:02.
    for (const task of ['at-time', 'read-at'] as const) {
      const times = [...asked(frames, task).keys()].map((question) => /\d\d:\d\d/.exec(question)?.[0])
      expect(new Set(times)).toEqual(new Set(['00:00']))
    }
  })
})
