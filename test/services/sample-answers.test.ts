import { afterAll, beforeAll, expect, it } from 'vitest'
import { composeProgram, type Program } from '../../app/host/compose-program'
import { bundledModelFolder } from '../../app/host/program-root'
import { readSample } from '../../app/services/library/sample'

// The sample is offered to newcomers with these questions: what the bundled model says to them must be right.
const rightAnswers: Record<string, string> = {
  'Summarize the video.': '00:00 a fox; 00:03 a banana.',
  'How many scenes are there?': 'There are two scenes.',
  'Is there a fox?': 'Yes, there is a fox.',
}

let program: Program

beforeAll(() => {
  program = composeProgram({ env: process.env })
})

afterAll(async () => {
  await program.dispose()
})

it('answers every suggested question about the sample film correctly, reading it once', async () => {
  const sample = await readSample(program.serviceParts.sampleFolder)
  const answers: Record<string, string> = {}
  const snapshots: string[] = []
  for (const question of sample.questions) {
    const { text, usage } = await program.ask.ask(
      [{ question, media: [{ path: sample.video, range: null, tiles: false }] }],
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
    answers[question] = text
    snapshots.push(usage.snapshot)
  }

  expect(answers).toEqual(rightAnswers)
  expect(snapshots).toEqual(['miss', 'hit', 'hit'])
})
