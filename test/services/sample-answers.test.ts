import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { isRight } from '../../app/domain/world/score-answer'
import { WORLD_TASKS } from '../../app/domain/world/scene'
import { composeProgram, type Program } from '../../app/host/compose-program'
import { bundledModelFolder } from '../../app/host/program-root'
import type { AskTurn } from '../../app/services/ask/ask-types'
import { readSamples } from '../../app/services/library/sample'
import { sampleFolder } from '../helpers/bundled-sample'

// The samples are offered to newcomers with these questions: what the bundled model says to them must be right.
const answer = z.object({
  task: z.enum(WORLD_TASKS),
  question: z.string(),
  answer: z.string(),
  accepted: z.array(z.string()),
})
const answersFile = z.partialRecord(z.enum(['film', 'picture', 'set']), z.array(answer))
const expected = answersFile.parse(
  JSON.parse(readFileSync(join(sampleFolder, 'expected-answers.json'), 'utf8')),
)

let program: Program

beforeAll(() => {
  program = composeProgram({ env: process.env })
})

afterAll(async () => {
  await program.dispose()
})

const settings = {
  modelFolder: bundledModelFolder(),
  maxFrames: null,
  intervalSeconds: null,
  maxTokens: null,
  contextTokens: null,
  threads: 2,
  temperature: null,
  seed: null,
  continueReply: '',
}

type Sample = Awaited<ReturnType<typeof readSamples>>[number]

function mediaOf({ kind, media }: Sample) {
  return [{ path: join(sampleFolder, media), range: null, tiles: kind === 'picture' }]
}

function isRightAbout({ kind }: Sample, question: string, text: string): boolean {
  const wanted = expected[kind]?.find((one) => one.question === question)
  return wanted !== undefined && isRight(text, wanted)
}

it('answers every suggested question about every sample rightly, reading each sample once', async () => {
  const samples = await readSamples(sampleFolder)
  expect(samples.length).toBeGreaterThan(0)
  const wrong: string[] = []
  for (const sample of samples) {
    const snapshots: string[] = []
    for (const question of sample.questions) {
      const { text, usage } = await program.ask.ask([{ question, media: mediaOf(sample) }], settings)
      if (!isRightAbout(sample, question, text)) wrong.push(`${question} ${text}`)
      snapshots.push(usage.snapshot)
    }
    expect(snapshots).toEqual(['miss', ...sample.questions.slice(1).map(() => 'hit')])
  }
  expect(wrong).toEqual([])
})

it('answers them rightly as questions that follow each other, in any order', async () => {
  const wrong: string[] = []
  for (const sample of await readSamples(sampleFolder)) {
    for (const order of ordersOf(sample.questions)) {
      const past: AskTurn[] = []
      for (const question of order) {
        const turn = { question, media: past.length === 0 ? mediaOf(sample) : [] }
        const { text } = await program.ask.ask([...past, turn], settings)
        if (!isRightAbout(sample, question, text)) wrong.push(`${order.join(' ')}: ${question} ${text}`)
        past.push({ ...turn, reply: text })
      }
    }
  }
  expect(wrong).toEqual([])
})

function ordersOf(questions: readonly string[]): string[][] {
  if (questions.length === 0) return [[]]
  return questions.flatMap((first) =>
    ordersOf(questions.filter((one) => one !== first)).map((rest) => [first, ...rest]),
  )
}
