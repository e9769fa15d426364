import { describe, expect, it } from 'vitest'
import type { WorldTask } from '../../../../../app/domain/world/scene'
import { isRight, normalizeAnswer } from '../../../../../app/domain/world/score-answer'

const question = (task: WorldTask, answer: string, ...accepted: string[]) => ({ task, answer, accepted })

const TOLD = 'At 00:00 a dog and a cat. At 00:08 a key.'
const HAT_LATER = 'At 00:00 a dog and a cat. At 00:08 a key and a hat.'
const READ_ALOUD = 'At 00:00 a cat and a hat. At 00:08 the text ON 7.'

describe('scoring an answer', () => {
  it.each([
    ['A dog and the Red  circle.', 'dog and red circle'],
    ['two dogs', '2 dogs'],
    ['At 3:05.', 'at 03:05'],
    ['00:03:05', '03:05'],
    ['Grey', 'gray'],
  ])('compares %j as %j', (text, normalized) => {
    expect(normalizeAnswer(text)).toBe(normalized)
  })

  it.each<[string, ReturnType<typeof question>]>([
    ['a red circle and a dog', question('list', 'A dog and a red circle.')],
    ['A cat, a key and a dog.', question('list', 'A dog, a cat and a key.')],
    ['A key, a cat, and a dog', question('list', 'A dog, a cat and a key.')],
    ['two', question('count', '2.')],
    ['yes', question('presence', 'Yes.')],
    ['Yes, there is a dog.', question('presence', 'Yes.')],
    ['Top left.', question('where', 'At the top left.')],
    ['3:12', question('when', 'At 03:12.')],
    ['Exit 42', question('read', 'EXIT 42')],
    ['exit 42 at 3:12', question('needle', 'EXIT 42 at 03:12.')],
    ['There are two dogs.', question('count', '2.', 'There are 2 dogs.')],
    ['A cat and a dog on a blue background.', question('describe', 'A dog and a cat on a blue background.')],
    ['At 0:00 a cat and a dog. At 0:08 a key.', question('summary', TOLD)],
    ['At 00:00 a hat and a cat. At 00:08 the text ON 7.', question('summary', READ_ALOUD)],
    ['On the left', question('where', 'At the left.')],
    ['In the center', question('reference', 'Center.')],
    ['in row 2, column 3', question('tile-place', 'Row 2, column 3.')],
    ['In picture 2', question('which-picture', 'Picture 2.')],
    ['00:12, on 42', question('needle', 'ON 42 at 00:12.', 'At 00:12 ON 42.', 'ON 42, 00:12.')],
    ['00:12 ON 42', question('needle', 'ON 42 at 00:12.', 'At 00:12 ON 42.', 'ON 42, 00:12.')],
    ['At 00:12.', question('until', '00:12.')],
  ])('counts %j as right', (reply, asked) => {
    expect(isRight(reply, asked)).toBe(true)
  })

  it.each<[string, ReturnType<typeof question>]>([
    ['', question('list', 'A dog.')],
    ['', question('list', 'A.')],
    ['A dog.', question('list', 'A dog and a cat.')],
    ['A dog, a cat and a key.', question('list', 'A dog and a cat.')],
    ['A dog and a dog.', question('list', 'A dog.')],
    ['3', question('count', '2.')],
    ['No.', question('presence', 'Yes.')],
    ['Left.', question('where', 'At the top left.')],
    ['At 03:13.', question('when', 'At 03:12.')],
    ['42 EXIT', question('read', 'EXIT 42')],
    ['IN', question('read', 'ON')],
    ['Row 3, column 2.', question('tile-place', 'Row 2, column 3.')],
    ['At 00:00 a dog, a hat and a cat. At 00:08 a key.', question('summary', HAT_LATER)],
    ['At 00:08 a key. At 00:00 a dog and a cat.', question('summary', TOLD)],
    ['At 00:00 a dog and a cat. At 00:09 a key.', question('summary', TOLD)],
    ['At 00:00 a dog and a cat.', question('summary', TOLD)],
    ['At 00:00 a key. At 00:08 a dog and a cat.', question('summary', TOLD)],
    ['42 at 00:12.', question('needle', 'ON 42 at 00:12.', 'At 00:12 ON 42.', 'ON 42, 00:12.')],
    ['ON 42 at 00:12.', question('needle', 'IN 42 at 00:12.')],
    ['LEFT at 00:12.', question('needle', 'ON LEFT at 00:12.')],
    ['42', question('reference', 'ON 42', 'It says ON 42.')],
  ])('counts %j as wrong', (reply, asked) => {
    expect(isRight(reply, asked)).toBe(false)
  })
})
