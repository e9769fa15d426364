import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/errors'

export const QUESTIONS_FILE = 'questions.jsonl'

const text = z.string().trim().min(1)

/** One line of `questions.jsonl`; docs/evaluation.md describes it. */
const questionSchema = z.strictObject({
  /** A file or folder, or several, relative to the folder of the file. Empty: the question is about nothing. */
  media: z.union([text.transform((path) => [path]), z.array(text)]),
  question: text,
  /** Every answer that counts as right; the first is shown as the expected one. */
  answers: z.union([text.transform((answer) => [answer]), z.array(text).min(1)]),
  task: text.optional(),
  id: z.union([text, z.number().transform(String)]).optional(),
  tiles: z.boolean().optional(),
})

export interface FolderQuestion {
  readonly id: string
  readonly task: string
  /** Absolute paths. */
  readonly media: readonly string[]
  readonly tiles: boolean
  readonly question: string
  readonly answers: readonly [string, ...string[]]
}

/** Questions without a task are counted together under this name. */
const NO_TASK = 'question'

/**
 * Reads `questions.jsonl` of a folder and checks that every medium is there, before anything is asked.
 * throws: media_not_found, media_unreadable (the file itself); invalid_input with the number of the line.
 */
export async function readQuestionsFile(folder: string): Promise<FolderQuestion[]> {
  const questions = parseQuestions(await readText(folder), folder)
  const missing = new Map<string, boolean>()
  for (const { question, line } of questions) {
    for (const path of question.media) {
      const isMissing = missing.get(path) ?? !(await exists(path))
      missing.set(path, isMissing)
      if (isMissing) throw badLine(line, `there is no file "${path}"`)
    }
  }
  return questions.map(({ question }) => question)
}

async function readText(folder: string): Promise<string> {
  const file = join(folder, QUESTIONS_FILE)
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    if (isMissing) throw new AppError('media_not_found', `expected ${file}`, { file }, { cause })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AppError('media_unreadable', `${file}: ${reason}`, { file, reason }, { cause })
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * Reads the lines of a questions file; empty lines are skipped. Nothing is looked up on the disk.
 * throws: invalid_input with the number of the first bad line.
 */
export function parseQuestions(
  content: string,
  folder: string,
): { readonly line: number; readonly question: FolderQuestion }[] {
  const questions: { line: number; question: FolderQuestion }[] = []
  const lineOfId = new Map<string, number>()
  // An editor's byte order mark is not part of the first line.
  for (const [index, source] of content
    .replace(/^\uFEFF/u, '')
    .split('\n')
    .entries()) {
    if (source.trim() === '') continue
    const line = index + 1
    const question = parseLine(source, line, folder)
    const other = lineOfId.get(question.id)
    if (other !== undefined) throw badLine(line, `id "${question.id}" is that of line ${other} as well`)
    lineOfId.set(question.id, line)
    questions.push({ line, question })
  }
  if (questions.length === 0) {
    const reason = `${QUESTIONS_FILE} holds no question`
    throw new AppError('invalid_input', reason, { reason })
  }
  return questions
}

function parseLine(source: string, line: number, folder: string): FolderQuestion {
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (cause) {
    throw badLine(line, 'it is not JSON', cause)
  }
  const parsed = questionSchema.safeParse(value)
  if (!parsed.success) throw badLine(line, issueWords(parsed.error))
  const { media, question, answers, task, id, tiles } = parsed.data
  const [first, ...others] = answers
  if (first === undefined) throw badLine(line, 'answers: expected at least one')
  return {
    id: id ?? `line-${line}`,
    task: task ?? NO_TASK,
    media: media.map((path) => resolve(folder, path)),
    tiles: tiles ?? false,
    question,
    answers: [first, ...others],
  }
}

function issueWords({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'it has another form'
  const place = issue.path.join('.')
  return place === '' ? issue.message : `${place}: ${issue.message}`
}

function badLine(line: number, what: string, cause?: unknown): AppError {
  const reason = `${QUESTIONS_FILE}, line ${line}: ${what}`
  return new AppError('invalid_input', reason, { reason }, cause === undefined ? {} : { cause })
}
