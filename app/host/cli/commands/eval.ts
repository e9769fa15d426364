import { mkdtemp, rm, stat } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { formatBytes } from '../../../domain/format-bytes'
import { evaluate, type Evaluation, type EvaluationProgress } from '../../../services/evaluation/evaluate'
import {
  SUITE_NAMES,
  type EvaluationSuite,
  type QuestionResult,
} from '../../../services/evaluation/evaluation-types'
import { folderSuite } from '../../../services/evaluation/folder-suite'
import { makeSuites } from '../../../services/evaluation/make-suites'
import { readQuestionsFile } from '../../../services/evaluation/questions-file'
import { findFfmpeg } from '../../../services/media/find-ffmpeg'
import { readModelFolder, type ModelFolder } from '../../../services/models/model-folder'
import { bundledModelFolder, programRoot } from '../../program-root'
import { withServices } from '../cli-services'
import { mistakeWords, percentWords, summaryWords } from '../eval-words'
import { EXIT, UsageError } from '../exit-codes'
import { findModelFolder } from '../model-argument'
import { writeJsonLine, type Output } from '../output'
import { positiveInteger, seed } from '../parse-options'
import { programVersion } from '../program-version'
import { ProgressLine, timeLeftWords } from '../progress-line'
import type { CommandContext } from '../run-cli'

interface Flags {
  readonly model?: string
  readonly seed: number
  readonly count?: number
  readonly frames?: number
  readonly media?: string
  readonly objects?: string
  readonly mistakes?: true
  readonly json?: true
}

const NOTES = `
Suites: ${SUITE_NAMES.join(', ')}, all. Their pictures and videos are drawn anew from the seed and read like any
other file. A folder holds media and questions.jsonl, a JSON object a line:
  {"media": "cat.jpg", "question": "Is there a cat?", "answers": ["Yes."]}
docs/evaluation.md describes suites, scoring and formats.

Examples:
  longlens eval single --seed 7
  longlens eval needle --frames 256 --count 20 --json > needle.jsonl
  longlens eval my-questions/ --model longllava-9b
`

export function addEvalCommand(program: Command, context: CommandContext): void {
  program
    .command('eval')
    .description('Ask a model questions with known answers and count how many it gets right.')
    .argument('<suite-or-folder>', 'name of a suite, or a folder with questions.jsonl')
    .option('--model <folder>', 'model folder, or its name in the models folder (default: the bundled model)')
    .option('--seed <n>', 'draws other pictures, videos and questions', seed, 1)
    .option('--count <n>', 'pictures, videos or sets of each suite and length', positiveInteger)
    .option('--frames <n>', 'frames of each video', positiveInteger)
    .option('--media <folder>', 'photographs and clips of the suite "real"')
    .option('--objects <file>', 'what is really to be seen in them, as JSON')
    .option('--mistakes', 'print each question that was not answered rightly')
    .option('--json', 'print one JSON object a question, and a summary')
    .addHelpText('after', NOTES)
    .action(async (what: string, flags: Flags) => {
      await runEval(what, flags, context)
    })
}

async function runEval(what: string, flags: Flags, context: CommandContext): Promise<void> {
  const { output, signal } = context
  const model = await readModelFolder(await findModelFolder(flags.model, context))
  const scratch = await mkdtemp(join(tmpdir(), 'longlens-eval-'))
  const printer =
    flags.json === true ? new JsonPrinter(output) : new TextPrinter(output, flags.mistakes === true)
  try {
    const suites = await suitesOf(what, flags, scratch, context)
    const facts = await factsOf(what, flags, model, signal)
    await withServices(context, async (services) => {
      const handlers = {
        signal,
        onResult: (result: QuestionResult) => {
          printer.result(result)
        },
        onProgress: (progress: EvaluationProgress) => {
          printer.progress(progress)
        },
      }
      const evaluation = await evaluate(suites, { ...services, model }, handlers)
      printer.summary(evaluation, facts)
      if ('thrown' in evaluation) throw evaluation.thrown
      if (evaluation.suites.some(({ failed }) => failed > 0)) context.setExitCode(EXIT.failed)
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** A suite's name or "all", or a folder; a folder with the name of a suite is written ./single. */
async function suitesOf(
  what: string,
  flags: Flags,
  scratch: string,
  { cwd, env }: CommandContext,
): Promise<EvaluationSuite[]> {
  const names = SUITE_NAMES.filter((name) => what === 'all' || name === what)
  if (names.length > 0) {
    return await makeSuites(names, {
      seed: flags.seed,
      count: flags.count ?? null,
      frames: flags.frames ?? null,
      folder: scratch,
      artFolder: join(bundledModelFolder(), 'world'),
      mediaFolder: flags.media === undefined ? defaultMedia() : resolve(cwd, flags.media),
      objectsFile: flags.objects === undefined ? null : resolve(cwd, flags.objects),
      ffmpeg: async () => (await findFfmpeg({ env })).ffmpeg.path,
    })
  }
  const folder = resolve(cwd, what)
  const isFolder = await stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  if (!isFolder) {
    throw new UsageError(
      `"${what}" is neither a suite nor a folder.`,
      `Suites are ${SUITE_NAMES.join(', ')} and all.`,
    )
  }
  return [folderSuite(await readQuestionsFile(folder), flags.frames ?? null)]
}

/** Beside the program's own folder, where its developers keep what is too large for it. */
function defaultMedia(): string {
  return join(programRoot(), '..', 'shared', 'media')
}

/** What the figures are about, so that they can be repeated. */
interface EvaluationFacts {
  readonly what: string
  readonly seed: number
  /** What was typed, without what does not change the figures. */
  readonly command: string
  readonly model: { readonly name: string; readonly sizeBytes: number; readonly sha256: string }
  readonly version: string
  readonly processor: string
  readonly threads: number
}

async function factsOf(
  what: string,
  flags: Flags,
  model: ModelFolder,
  signal: AbortSignal,
): Promise<EvaluationFacts> {
  return {
    what,
    seed: flags.seed,
    command: commandWords(what, flags),
    model: {
      name: model.description.name,
      sizeBytes: model.sizeBytes,
      sha256: await model.contentHash(signal),
    },
    version: programVersion(),
    processor: cpus()[0]?.model ?? 'unknown',
    threads: availableParallelism(),
  }
}

function commandWords(what: string, flags: Flags): string {
  const options = (['model', 'seed', 'count', 'frames', 'media', 'objects'] as const).flatMap((name) => {
    const value = flags[name]
    return value === undefined ? [] : [`--${name} ${value}`]
  })
  return ['longlens eval', what, ...options].join(' ')
}

/** Text for people: progress on a terminal, the tables on standard output when all is counted. */
class TextPrinter {
  private readonly output: Output
  private readonly line: ProgressLine
  private readonly showMistakes: boolean

  constructor(output: Output, showMistakes: boolean) {
    this.output = output
    this.line = new ProgressLine(output)
    this.showMistakes = showMistakes
  }

  result(result: QuestionResult): void {
    if (result.right || !this.showMistakes) return
    this.line.clear()
    this.output.out.write(mistakeWords(result))
  }

  progress({ suite, asked, right, fraction, secondsLeft }: EvaluationProgress): void {
    const share = percentWords(right / asked)
    this.line.showWords(`${suite}: ${asked} asked, ${share} right${timeLeftWords(secondsLeft)}`, fraction, 1)
  }

  summary({ suites, ...evaluation }: Evaluation, { model }: EvaluationFacts): void {
    this.line.clear()
    if ('thrown' in evaluation) this.output.err.write('Not finished; this was counted until then.\n')
    const { out } = this.output
    out.write(`${model.name}, ${formatBytes(model.sizeBytes)}, sha256 ${model.sha256}\n`)
    for (const suite of suites) out.write(`\n${summaryWords(suite)}`)
  }
}

/** One object a line; an error is printed by whoever catches it. */
class JsonPrinter {
  private readonly output: Output
  private readonly line: ProgressLine

  constructor(output: Output) {
    this.output = output
    this.line = new ProgressLine(output)
  }

  result(result: QuestionResult): void {
    this.line.clear()
    writeJsonLine(this.output, { type: 'question', ...result })
  }

  progress({ suite, asked, fraction, secondsLeft }: EvaluationProgress): void {
    this.line.showWords(`${suite}: ${asked} asked${timeLeftWords(secondsLeft)}`, fraction, 1)
  }

  summary({ suites, ...evaluation }: Evaluation, facts: EvaluationFacts): void {
    this.line.clear()
    writeJsonLine(this.output, { type: 'summary', complete: !('thrown' in evaluation), ...facts, suites })
  }
}
