import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { AskOptions, AskProgress } from '../../../services/ask/ask-types'
import { bundledModelFolder } from '../../program-root'
import { withServices } from '../cli-services'
import { UsageError } from '../exit-codes'
import { writeJsonLine } from '../output'
import { nonNegativeNumber, positiveInteger, positiveNumber, seed } from '../parse-options'
import { ProgressLine } from '../progress-line'
import type { CommandContext } from '../run-cli'

interface Flags {
  readonly model?: string
  readonly frames?: number
  readonly every?: number
  readonly from?: number
  readonly to?: number
  readonly tiles?: true
  readonly maxTokens?: number
  readonly context?: number
  readonly threads?: number
  readonly temperature?: number
  readonly seed?: number
  readonly json?: true
}

export function addAskCommand(program: Command, context: CommandContext): void {
  program
    .command('ask')
    .description('Ask about videos, pictures or folders; the answer streams to standard output.')
    .argument('<media-and-question...>', 'any number of files and folders, then the question')
    .option('--model <folder>', 'model folder (default: the bundled model)')
    .option('--frames <n>', 'most frames of each video', positiveInteger)
    .option('--every <seconds>', 'time between frames', positiveNumber)
    .option('--from <seconds>', 'ask only about a video from here', nonNegativeNumber)
    .option('--to <seconds>', 'ask only about a video up to here', positiveNumber)
    .option('--tiles', 'read pictures as a whole and in full-resolution tiles')
    .option('--max-tokens <n>', 'longest answer', positiveInteger)
    .option(
      '--context <tokens>',
      'size of the context (default: as much as the question needs)',
      positiveInteger,
    )
    .option('--threads <n>', 'processor threads', positiveInteger)
    .option('--temperature <t>', '0 takes the most likely word each time', nonNegativeNumber)
    .option('--seed <n>', 'makes answers with a temperature repeatable', seed)
    .option('--json', 'print one JSON object a line')
    .action(async (words: string[], flags: Flags) => {
      await ask(words, flags, context)
    })
}

async function ask(words: readonly string[], flags: Flags, context: CommandContext): Promise<void> {
  const question = words.at(-1)?.trim() ?? ''
  if (question === '') throw new UsageError('The question is empty.')
  const range = rangeOf(flags)
  const media = words.slice(0, -1).map((path) => ({
    path: resolve(context.cwd, path),
    range,
    tiles: flags.tiles === true,
  }))
  await withServices(context, async ({ ask: service }) => {
    const line = new ProgressLine(context.output)
    const onProgress = (progress: AskProgress) => {
      if (flags.json !== true) line.show(progress)
      else if (progress.stage !== 'load') {
        const { stage, done, total } = progress
        writeJsonLine(context.output, { type: 'progress', stage, done, total })
      }
    }
    const onText = (text: string) => {
      line.clear()
      if (flags.json === true) writeJsonLine(context.output, { type: 'token', text })
      else context.output.out.write(text)
    }
    try {
      const answer = await service.ask([{ question, media }], optionsOf(flags, context), {
        signal: context.signal,
        onProgress,
        onText,
      })
      if (flags.json === true) {
        const citations = answer.citations.map(({ media: index, startSeconds, endSeconds }) => ({
          media: index,
          startSeconds,
          endSeconds,
        }))
        writeJsonLine(context.output, { type: 'answer', text: answer.text, citations, usage: answer.usage })
      } else {
        context.output.out.write('\n')
      }
    } finally {
      line.clear()
    }
  })
}

function rangeOf({ from, to }: Flags): { start: number; end: number } | null {
  if (from === undefined && to === undefined) return null
  const start = from ?? 0
  const end = to ?? Number.MAX_SAFE_INTEGER
  if (end <= start) throw new UsageError(`--to ${end} must be later than --from ${start}.`)
  return { start, end }
}

function optionsOf(flags: Flags, context: CommandContext): AskOptions {
  return {
    modelFolder: flags.model === undefined ? bundledModelFolder() : resolve(context.cwd, flags.model),
    maxFrames: flags.frames ?? null,
    intervalSeconds: flags.every ?? null,
    maxTokens: flags.maxTokens ?? null,
    contextTokens: flags.context ?? null,
    threads: flags.threads ?? null,
    temperature: flags.temperature ?? null,
    seed: flags.seed ?? null,
    continueReply: '',
  }
}
