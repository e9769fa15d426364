import { basename, resolve } from 'node:path'
import { availableParallelism } from 'node:os'
import { Option, type Command } from 'commander'
import { convertCheckpoint, type ConvertProgress } from '../../../services/models/convert/convert-checkpoint'
import { presetNames, type PresetName } from '../../../services/models/convert/presets'
import type { QuantizationType } from '../../../engine/engine-client-types'
import { timeLeftWords } from '../../../domain/time/time-left-words'
import { formatBytes } from '../../../domain/format-bytes'
import { withServices } from '../cli-services'
import { writeJsonLine } from '../output'
import { ProgressLine } from '../progress-line'
import type { CommandContext } from '../run-cli'

interface Flags {
  readonly vision?: string
  readonly out: string
  readonly quantize?: QuantizationType
  readonly preset?: PresetName
  readonly json?: true
}

export function addConvertCommand(program: Command, context: CommandContext): void {
  program
    .command('convert')
    .description('Import a LongLLaVA checkpoint (Hugging Face layout) as a model folder.')
    .argument('<checkpoint-folder>', 'folder with config.json and *.safetensors')
    .requiredOption('--out <folder>', 'where the model folder is made; must not exist yet')
    .option('--vision <folder>', 'folder of the CLIP vision tower, when it is not inside the checkpoint')
    .addOption(
      new Option('--quantize <type>', 'weight type (default: as in the checkpoint)').choices([
        'f16',
        'bf16',
        'q8_0',
        'q4_k_m',
      ]),
    )
    .addOption(new Option('--preset <name>', 'prompt templates').choices(presetNames))
    .option('--json', 'print one JSON object a line')
    .action(async (folder: string, flags: Flags) => {
      await convert(folder, flags, context)
    })
}

const stageWords: Record<ConvertProgress['stage'], string> = {
  check: 'Checking',
  language: 'Writing language.gguf',
  vision: 'Writing vision.gguf',
  quantize: 'Quantizing',
}

async function convert(folder: string, flags: Flags, context: CommandContext): Promise<void> {
  const outputFolder = resolve(context.cwd, flags.out)
  await withServices(context, async ({ engine }) => {
    const line = new ProgressLine(context.output)
    const onProgress = (progress: ConvertProgress) => {
      const { stage, doneBytes, totalBytes, secondsLeft } = progress
      if (flags.json === true) {
        writeJsonLine(context.output, { type: 'progress', stage, done: doneBytes, total: totalBytes })
        return
      }
      const words = `${stageWords[stage]}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`
      line.showWords(words + timeLeftWords(secondsLeft), doneBytes, totalBytes)
    }
    try {
      await convertCheckpoint({
        checkpointFolder: resolve(context.cwd, folder),
        outputFolder,
        ...(flags.vision === undefined ? {} : { visionFolder: resolve(context.cwd, flags.vision) }),
        ...(flags.quantize === undefined ? {} : { quantize: flags.quantize }),
        ...(flags.preset === undefined ? {} : { preset: flags.preset }),
        quantizer: ({ input, output, type }) =>
          engine.quantize(
            { input, output, type, threads: availableParallelism() },
            { signal: context.signal },
          ),
        signal: context.signal,
        onProgress,
      })
    } finally {
      line.clear()
    }
    if (flags.json === true) writeJsonLine(context.output, { type: 'done', folder: outputFolder })
    else context.output.out.write(`${basename(outputFolder)} is ready: ${outputFolder}\n`)
  })
}
