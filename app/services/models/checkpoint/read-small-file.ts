import { open } from 'node:fs/promises'
import type { z } from 'zod'
import { invalidCheckpoint, readFailure } from './checkpoint-errors'

/**
 * The bytes of a file that must not be larger than `maxBytes`.
 * throws: checkpoint_invalid when it is missing, unreadable or larger.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<Buffer> {
  const handle = await open(path, 'r').catch((thrown: unknown) => {
    throw invalidCheckpoint(path, readFailure(thrown), thrown)
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw invalidCheckpoint(path, 'it is not a file')
    if (stat.size > maxBytes) throw invalidCheckpoint(path, `it has ${stat.size} bytes, more than ${maxBytes}`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

export async function fileExists(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => null)
  await handle?.close()
  return handle !== null
}

const MAX_JSON_BYTES = 64 * 1024 * 1024

/**
 * Reads a JSON file and checks it.
 * throws: checkpoint_invalid naming the file and the key that is wrong.
 */
export async function readJson<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  const text = (await readSmallFile(path, MAX_JSON_BYTES)).toString('utf8')
  return parseJson(path, text, schema)
}

export function parseJson<Schema extends z.ZodType>(path: string, text: string, schema: Schema): z.infer<Schema> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    throw invalidCheckpoint(path, 'it is not valid JSON', thrown)
  }
  return checkValue(path, value, schema)
}

/** The value as the schema describes it. throws: checkpoint_invalid naming the file and the first wrong key. */
export function checkValue<Schema extends z.ZodType>(path: string, value: unknown, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `
  throw invalidCheckpoint(path, `${where}${issue?.message ?? 'it has an unexpected form'}`, parsed.error)
}
