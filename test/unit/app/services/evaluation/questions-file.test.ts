import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { AppError } from '../../../../../app/contract/errors'
import { parseQuestions, readQuestionsFile } from '../../../../../app/services/evaluation/questions-file'

const folder = mkdtempSync(join(tmpdir(), 'longlens-test-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const good = '{"media": "a.png", "question": "Is there a cat?", "answers": ["Yes."]}'

function reasonOf(content: string): unknown {
  try {
    parseQuestions(content, '/q')
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'invalid_input') return thrown.details['reason']
    throw thrown
  }
  return null
}

describe('questions.jsonl', () => {
  it('is read line by line, with paths below its folder', () => {
    const lines = [
      '\uFEFF{"media": "a.png", "question": " Is there a cat? ", "answers": "Yes."}\r',
      '',
      '{"media": ["b/c.mp4", "/d.png"], "question": "How many?", "answers": ["2", "two"], "task": "count", "id": 7, "tiles": true}',
      '{"media": [], "question": "Hello", "answers": ["Hello"]}',
    ]
    expect(parseQuestions(lines.join('\n'), '/q')).toEqual([
      {
        line: 1,
        question: {
          id: 'line-1',
          task: 'question',
          media: ['/q/a.png'],
          tiles: false,
          question: 'Is there a cat?',
          answers: ['Yes.'],
        },
      },
      {
        line: 3,
        question: {
          id: '7',
          task: 'count',
          media: ['/q/b/c.mp4', '/d.png'],
          tiles: true,
          question: 'How many?',
          answers: ['2', 'two'],
        },
      },
      {
        line: 4,
        question: {
          id: 'line-4',
          task: 'question',
          media: [],
          tiles: false,
          question: 'Hello',
          answers: ['Hello'],
        },
      },
    ])
  })

  it.for([
    ['{"media": "a.png", "question": "Who', 'questions.jsonl, line 2: it is not JSON'],
    ['[]', /^questions\.jsonl, line 2: .*expected object/],
    ['{"media": "a.png", "answers": ["Yes."]}', /^questions\.jsonl, line 2: question: /],
    ['{"media": "a.png", "question": "Who?", "answers": []}', /^questions\.jsonl, line 2: answers/],
    ['{"media": 3, "question": "Who?", "answers": ["I"]}', /^questions\.jsonl, line 2: media/],
    ['{"media": "a", "question": " ", "answers": ["I"]}', /^questions\.jsonl, line 2: question/],
    ['{"media": "a", "question": "Who?", "answers": ["I"], "tsk": "x"}', /line 2: .*tsk/],
    [
      '{"media": "a", "question": "Who?", "answers": ["I"], "id": "line-1"}',
      'questions.jsonl, line 2: id "line-1" is that of line 1 as well',
    ],
  ] as const)('names the line of %j', ([line, expected]) => {
    expect(reasonOf(`${good}\n${line}`)).toMatch(expected)
  })

  it('without a question is refused', () => {
    expect(reasonOf('\n \n')).toBe('questions.jsonl holds no question')
  })
})

describe('a folder of questions', () => {
  it('without the file is said to lack it', async () => {
    await expect(readQuestionsFile(join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'media_not_found',
      details: { file: join(folder, 'nowhere', 'questions.jsonl') },
    })
  })

  it('is refused before anything is asked when one of its media is missing', async () => {
    writeFileSync(join(folder, 'a.png'), 'x')
    writeFileSync(join(folder, 'questions.jsonl'), `${good}\n${good.replace('a.png', 'b.png')}\n`)
    await expect(readQuestionsFile(folder)).rejects.toMatchObject({
      code: 'invalid_input',
      details: { reason: `questions.jsonl, line 2: there is no file "${join(folder, 'b.png')}"` },
    })
  })

  it('gives its questions when all media are there', async () => {
    writeFileSync(join(folder, 'a.png'), 'x')
    writeFileSync(join(folder, 'questions.jsonl'), good)
    expect(await readQuestionsFile(folder)).toMatchObject([{ media: [join(folder, 'a.png')] }])
  })
})
