import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { programRoot } from '../program-root'

/** The version of the program, from its package.json. */
export function programVersion(): string {
  const text = readFileSync(join(programRoot(), 'package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}
