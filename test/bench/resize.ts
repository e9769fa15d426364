/** A frame to the model's input: our resize, which is Pillow's bit for bit, beside sharp's. One thread each. */
import sharp from 'sharp'
import { toModelInput } from '../../app/domain/pixels/model-input'
import { uniform } from '../helpers/vision-file'
import { medianSeconds, print, printMachine } from './measure'

const BENCH = 'resize'
const SIDE = 336
const RUNS = 21

export async function run(): Promise<void> {
  printMachine(BENCH)
  sharp.concurrency(1)
  for (const [width, height] of [
    [1280, 720],
    [1920, 1080],
  ] as const) {
    const noise = uniform('picture', 4096)
    const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => 128 + 127 * (noise[i % 4096] ?? 0))
    const processing = { side: SIDE, aspect: 'pad', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const
    const figure = { bench: BENCH, what: `${width}x${height} to ${SIDE}x${SIDE}`, unit: 'pictures/s' }
    const ours = await medianSeconds(RUNS, () =>
      toModelInput(rgb, width, height, {
        ...processing,
        mean: [...processing.mean],
        std: [...processing.std],
      }),
    )
    print({ ...figure, variant: 'ours', value: 1 / ours })
    const other = await medianSeconds(RUNS, () =>
      sharp(rgb, { raw: { width, height, channels: 3 } })
        .resize(SIDE, SIDE, { fit: 'contain', kernel: 'cubic', background: '#7f7f7f' })
        .raw()
        .toBuffer(),
    )
    print({ ...figure, variant: "sharp's cubic", value: 1 / other })
  }
}
