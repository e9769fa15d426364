import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = 'build/training/episodes-stream.mjs'
const small = ['--clips', '60', '--sheets', '4', '--batch-tokens', '1024', '--seed', '3']

const execute = promisify(execFile)

async function stream(...options: string[]): Promise<{ header: Record<string, unknown>; records: Buffer }> {
  const { stdout } = await execute(process.execPath, [program, ...small, ...options], {
    cwd: root,
    encoding: 'buffer',
    maxBuffer: 1 << 26,
  })
  const end = stdout.indexOf('\n')
  return {
    header: JSON.parse(stdout.subarray(0, end).toString()) as Record<string, unknown>,
    records: stdout.subarray(end + 1),
  }
}

beforeAll(async () => {
  await execute(process.execPath, ['scripts/bundle-training.mjs', 'episodes-stream'], { cwd: root })
})

describe('the stream of episodes', () => {
  it('says what its numbers mean, and gives one record a batch', async () => {
    const { header, records } = await stream('--stage', 'single', '--count', '1')
    expect(header).toMatchObject({
      stream: 'episodes',
      vocabulary: 2048,
      tokens_per_picture: 25,
      bank: { clips: 60, sheets: 4, stills: 0, seed: 1 },
    })
    expect((header['tasks'] as string[]).slice(0, 3)).toEqual(['presence', 'list', 'count'])
    const sequences = records.readUInt32LE(0)
    expect(sequences).toBeGreaterThan(3)
    // The first sequence: begin, person, newline, picture.
    expect([8, 10, 12, 14, 16].map((at) => records.readInt16LE(at))).toEqual([4, 6, 13, 8, -1])
  })

  it('goes on where it was broken off, and asks other questions for validation', async () => {
    const options = ['--stage', 'multi', '--max-frames', '12']
    const [whole, rest, held] = await Promise.all([
      stream(...options, '--count', '5'),
      stream(...options, '--start', '3', '--count', '2'),
      stream(...options, '--count', '5', '--split', 'val'),
    ])
    expect(rest.records.length).toBeGreaterThan(1000)
    expect(whole.records.subarray(-rest.records.length).equals(rest.records)).toBe(true)
    expect(held.records.equals(whole.records)).toBe(false)
  })

  it('ends when its reader is gone', async () => {
    const child = spawn(process.execPath, [program, ...small], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await once(child.stdout, 'readable')
    child.stdout.destroy()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('refuses a mixture that its stage does not have', async () => {
    await expect(stream('--stage', 'single', '--mix', '{"video":1}')).rejects.toThrow('one picture only')
  })
})
