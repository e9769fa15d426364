import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { isRight } from '../../app/domain/world/score-answer'
import { WORLD_TASKS } from '../../app/domain/world/scene'
import { composeProgram, type Program } from '../../app/host/compose-program'
import { bundledModelFolder } from '../../app/host/program-root'
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

it('answers every suggested question about every sample rightly, reading each sample once', async () => {
  const samples = await readSamples(sampleFolder)
  expect(samples.length).toBeGreaterThan(0)
  const wrong: string[] = []
  for (const { kind, media, questions } of samples) {
    const snapshots: string[] = []
    for (const question of questions) {
      const { text, usage } = await program.ask.ask(
        [{ question, media: [{ path: join(sampleFolder, media), range: null, tiles: kind === 'picture' }] }],
        {
          modelFolder: bundledModelFolder(),
          maxFrames: null,
          intervalSeconds: null,
          maxTokens: null,
          contextTokens: null,
          threads: 2,
          temperature: null,
          seed: null,
          continueReply: '',
        },
      )
      const wanted = expected[kind]?.find((one) => one.question === question)
      if (wanted === undefined || !isRight(text, wanted)) wrong.push(`${question} ${text}`)
      snapshots.push(usage.snapshot)
    }
    expect(snapshots).toEqual(['miss', ...questions.slice(1).map(() => 'hit')])
  }
  expect(wrong).toEqual([])
})
