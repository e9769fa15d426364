/** Saving what was read and bringing it back, beside reading the video again. */
import { join } from 'node:path'
import { temporaryFolder } from '../helpers/make-media'
import { print, printMachine, secondsOf } from './measure'
import { aboutVideo, everyFrame, loadOptions, withProgram, withVideo } from './program'

const BENCH = 'snapshot'
const KEY = 'bench'

export async function run(): Promise<void> {
  printMachine(BENCH)
  const folder = temporaryFolder()
  const file = join(folder.path, 'state')
  try {
    for (const frames of [128, 1000]) {
      const options = everyFrame(frames)
      const figure = { bench: BENCH, unit: 's', frames }
      await withVideo(frames, async (path) => {
        await withProgram({}, async ({ ask, engine }) => {
          const { usage } = await ask.ask(aboutVideo(path), options)
          print({
            ...figure,
            what: 'ready for a question',
            variant: 'reading the video',
            value: usage.firstTokenSeconds,
          })
          let bytes = 0
          const saving = await secondsOf(async () => {
            bytes = (await engine.saveState(0, file, KEY)).bytes
          })
          print({ ...figure, what: 'save', variant: 'snapshot', value: saving, bytes })
        })
      })
      await withProgram({}, async ({ engine }) => {
        await engine.load(await loadOptions(options.contextTokens ?? 4096, 1))
        const loading = await secondsOf(() => engine.loadState(0, file, KEY))
        print({ ...figure, what: 'ready for a question', variant: 'snapshot from disk', value: loading })
      })
    }
  } finally {
    folder.remove()
  }
}
