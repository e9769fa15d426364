/** What a second question about the same media costs, beside reading the media again. */
import { print, printMachine } from './measure'
import { aboutVideo, everyFrame, withProgram, withVideo } from './program'

const BENCH = 'branch'

export async function run(): Promise<void> {
  printMachine(BENCH)
  for (const frames of [16, 128, 1000]) {
    await withVideo(frames, async (path) => {
      await withProgram({}, async ({ ask }) => {
        const options = everyFrame(frames)
        const first = await ask.ask(aboutVideo(path), options)
        const second = await ask.ask(aboutVideo(path, 'What objects are there?'), options)
        const figure = { bench: BENCH, what: 'question to first token', unit: 's', frames }
        for (const [variant, { usage }] of [
          ['reading it again', first],
          ['branch of what was read', second],
        ] as const) {
          print({ ...figure, variant, value: usage.firstTokenSeconds, snapshot: usage.snapshot })
        }
        const { usage } = await ask.ask([{ question: 'What objects are there?', media: [] }], options)
        print({
          ...figure,
          variant: 'a question about nothing',
          value: usage.firstTokenSeconds,
          snapshot: usage.snapshot,
        })
      })
    })
  }
}
