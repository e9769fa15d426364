import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { formatTimecode } from '../../../domain/time/timecode'
import type { AskAnswer, AskOptions, AskProgress } from '../../../services/ask/ask-types'
import { kindOfName } from '../../../domain/media/media-kinds'
import { withServices } from '../cli-services'
import { UsageError } from '../exit-codes'
import { findModelFolder } from '../model-argument'
import { writeJsonLine, type Output } from '../output'
import { moment, nonNegativeNumber, positiveInteger, positiveNumber, seed } from '../parse-options'
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

const EXAMPLES = `
Examples:
  longlens ask holiday.mp4 "What happens?" --from 1:30 --to 2:00
  longlens ask before.jpg after.jpg "What is the difference?"
  longlens ask scan.tif "What does the text say?" --tiles
  longlens ask ./-odd-name.mp4 "How many scenes are there?"
`

export function addAskCommand(program: Command, context: CommandContext): void {
  program
    .command('ask')
    .description('Ask about videos, pictures or folders; the answer streams to standard output.')
    .argument('<media-and-question...>', 'any number of files and folders, then the question')
    .option('--model <folder>', 'model folder, or its name in the models folder (default: the bundled model)')
    .option('--frames <n>', 'most frames of each video', positiveInteger)
    .option('--every <seconds>', 'time between frames', positiveNumber)
    .option('--from <time>', 'only the part of a video from here on: 90, 1:30 or 0:01:30', moment)
    .option('--to <time>', 'only the part of a video up to here', moment)
    .option('--tiles', 'read pictures as a whole and in full-resolution tiles')
    .option('--max-tokens <n>', 'longest answer', positiveInteger)
    .option(
      '--context <tokens>',
      'size of the context (default: as much as the question needs)',
      positiveInteger,
    )
    .option(
      '--threads <n>',
      'processor threads of the engine (default: what suits the model and the machine)',
      positiveInteger,
    )
    .option('--temperature <t>', '0 takes the most likely word each time', nonNegativeNumber)
    .option('--seed <n>', 'makes answers with a temperature repeatable', seed)
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], flags: Flags) => {
      await ask(words, flags, context)
    })
}

async function ask(words: readonly string[], flags: Flags, context: CommandContext): Promise<void> {
  const question = await questionOf(words, context.cwd)
  const range = rangeOf(flags)
  const media = words.slice(0, -1).map((path) => ({
    path: resolve(context.cwd, path),
    range,
    tiles: flags.tiles === true,
  }))
  const modelFolder = await findModelFolder(flags.model, context)
  const printer = flags.json === true ? new JsonPrinter(context.output) : new TextPrinter(context.output)
  await withServices(context, async ({ ask: service }) => {
    try {
      const answer = await service.ask([{ question, media }], optionsOf(flags, modelFolder), {
        signal: context.signal,
        onProgress: (progress) => {
          printer.progress(progress)
        },
        onText: (text) => {
          printer.text(text)
        },
      })
      printer.answer(answer)
    } finally {
      printer.end()
    }
  })
}

/** Text for people: progress on a terminal, the answer on standard output and nothing else. */
class TextPrinter {
  private readonly output: Output
  private readonly line: ProgressLine
  private inLine = false

  constructor(output: Output) {
    this.output = output
    this.line = new ProgressLine(output)
  }

  progress(progress: AskProgress): void {
    this.line.show(progress)
  }

  text(text: string): void {
    this.line.clear()
    this.output.out.write(text)
    this.inLine = true
  }

  answer({ text }: AskAnswer): void {
    this.inLine = false
    // An answer without a word is an empty line.
    this.line.clear()
    this.output.out.write(text.endsWith('\n') ? '' : '\n')
  }

  /** After an answer that broke off, whatever is said next begins on a line of its own. */
  end(): void {
    this.line.clear()
    if (this.inLine) this.output.out.write('\n')
  }
}

/** One object a line; an error is printed by whoever catches it. */
class JsonPrinter {
  private readonly output: Output

  constructor(output: Output) {
    this.output = output
  }

  progress({ stage, done, total }: AskProgress): void {
    // Loading is quick and not part of what scripts are promised.
    if (stage !== 'load') writeJsonLine(this.output, { type: 'progress', stage, done, total })
  }

  text(text: string): void {
    writeJsonLine(this.output, { type: 'token', text })
  }

  answer({ text, usage, ...answer }: AskAnswer): void {
    const citations = answer.citations.map(({ media, startSeconds, endSeconds }) => ({
      media,
      startSeconds,
      endSeconds,
    }))
    writeJsonLine(this.output, { type: 'answer', text, citations, usage })
  }

  end(): void {
    return
  }
}

/** The last word, unless that is a file: then the question was forgotten. */
async function questionOf(words: readonly string[], cwd: string): Promise<string> {
  const last = words.at(-1) ?? ''
  const question = last.trim()
  const remedy = 'Write the question last, in quotes: longlens ask film.mp4 "What happens?"'
  if (question === '') throw new UsageError('The question is empty.', remedy)
  const isFile = await stat(resolve(cwd, last)).then(
    () => true,
    () => false,
  )
  if (isFile || (words.length === 1 && kindOfName(last) !== null)) {
    throw new UsageError(`"${last}" is a file, and there is no question after it.`, remedy)
  }
  return question
}

function rangeOf({ from, to }: Flags): { start: number; end: number } | null {
  if (from === undefined && to === undefined) return null
  const start = from ?? 0
  const end = to ?? Number.MAX_SAFE_INTEGER
  if (end <= start) {
    throw new UsageError(
      `--to ${formatTimecode(end)} is not later than --from ${formatTimecode(start)}.`,
      'Leave one of them out, or swap them.',
    )
  }
  return { start, end }
}

function optionsOf(flags: Flags, modelFolder: string): AskOptions {
  return {
    modelFolder,
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
