import { existsSync, readdirSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readGgufHeader } from '../../app/services/models/gguf/gguf-reader'
import { smallSizes, writeCheckpoint, writeTower, type CheckpointSizes } from '../helpers/checkpoint'
import { buildCli, CliProcess, groupHasEnded, jsonLines, runInProcess, type BuiltCli } from '../helpers/cli'
import { temporaryFolder } from '../helpers/make-media'

const golden = join(import.meta.dirname, '../../../shared/golden')

let root: ReturnType<typeof temporaryFolder>
const at = (name: string) => join(root.path, name)
beforeEach(() => {
  root = temporaryFolder()
  return root.remove
})

/** Sides that Q8_0's blocks of 32 divide. */
const sizes: CheckpointSizes = { ...smallSizes, hidden: 64, intermediate: 64, vocabulary: 64 }

async function checkpoint(): Promise<void> {
  await writeCheckpoint(at('checkpoint'), { sizes })
  await writeTower(at('clip'), sizes)
}

const convert = (...more: string[]) =>
  runInProcess(['convert', 'checkpoint', '--vision', 'clip', '--out', 'model', ...more], { cwd: root.path })

describe('convert', () => {
  it('makes a model folder that verify accepts, and says where it is', async () => {
    await checkpoint()
    const { code, out, err } = await convert()
    expect({ code, err, out }).toEqual({ code: 0, err: '', out: `model is ready: ${at('model')}\n` })
    expect(readdirSync(at('model')).sort()).toEqual(['language.gguf', 'vision.gguf'])

    const verified = await runInProcess(['models', 'verify', 'model', '--json'], { cwd: root.path })
    expect(JSON.parse(verified.out)).toMatchObject({ ok: true, folder: at('model'), name: 'checkpoint' })
  })

  it('prints progress and the folder as JSON, one object a line', async () => {
    await checkpoint()
    const result = await convert('--json', '--quantize', 'f16')
    expect(result).toMatchObject({ code: 0, err: '' })
    const lines = jsonLines(result)
    expect(lines.at(-1)).toEqual({ type: 'done', folder: at('model') })
    for (const line of lines.slice(0, -1)) {
      expect(line).toEqual({
        type: 'progress',
        stage: expect.stringMatching(/^(check|language|vision)$/u) as string,
        done: expect.any(Number) as number,
        total: expect.any(Number) as number,
      })
    }
  })

  it('quantizes through the engine and leaves only the result', async () => {
    await checkpoint()
    expect(await convert('--quantize', 'q8_0')).toMatchObject({ code: 0, err: '' })
    expect(readdirSync(at('model')).sort()).toEqual(['language.gguf', 'vision.gguf'])
    const { tensors } = await readGgufHeader(at('model/language.gguf'))
    expect(tensors.get('blk.0.ssm_in.weight')).toMatchObject({ type: 'Q8_0' })
    expect(tensors.get('blk.0.ssm_a')).toMatchObject({ type: 'F32' })
  })

  it('never writes over something, and leaves it as it is', async () => {
    await checkpoint()
    await mkdir(at('model'))
    await writeFile(at('model/mine.txt'), 'mine')
    const result = await convert('--json')
    expect(result.code).toBe(1)
    expect(jsonLines(result).at(-1)).toMatchObject({ type: 'error', code: 'output_exists' })
    expect(readdirSync(at('model'))).toEqual(['mine.txt'])
  })

  it('says which file of a checkpoint is wrong, and leaves nothing behind', async () => {
    await checkpoint()
    await writeFile(at('checkpoint/config.json'), '{"model_type":"llama"}')
    const { code, out, err } = await convert()
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain('"config.json": its model_type is "llama"')
    expect(readdirSync(root.path).sort()).toEqual(['checkpoint', 'clip'])
  })

  it.skipIf(!existsSync(golden))(
    'imports the official dense checkpoint (skipped without shared/golden)',
    async () => {
      const args = ['convert', join(golden, 'longllava-dense'), '--out', at('dense')]
      expect(await runInProcess(args)).toMatchObject({ code: 0, err: '' })
      const { tensors } = await readGgufHeader(at('dense/language.gguf'))
      expect(tensors.get('output.weight')).toMatchObject({ shape: [64, 512] })
    },
  )
})

describe.skipIf(process.platform !== 'linux')(
  'Ctrl+C while converting (told from /proc, so on Linux only)',
  () => {
    let cli: BuiltCli
    beforeAll(() => {
      cli = buildCli()
    })
    afterAll(() => {
      cli.remove()
    })

    it('ends with 130, leaves no process and nothing on the disk', async () => {
      // Some 300 MB, all zeros: enough to be stopped in the middle of.
      const large: CheckpointSizes = {
        ...sizes,
        hidden: 1024,
        intermediate: 4096,
        layers: 8,
        heads: 8,
        timeStepRank: 64,
      }
      await writeCheckpoint(at('checkpoint'), { sizes: large, sparse: true })
      await writeTower(at('clip'), large)
      const args = ['convert', 'checkpoint', '--vision', 'clip', '--out', 'deep/er/model', '--json']
      const command = new CliProcess(cli.entry, args, { cwd: root.path })
      await command.untilOutput(/"stage":"language"/u)

      command.interrupt()
      const { code, out, err } = await command.ended
      await groupHasEnded(command.pid)

      expect({ code, err }).toEqual({ code: 130, err: '' })
      expect(jsonLines({ out }).at(-1)).toMatchObject({ type: 'error', code: 'cancelled' })
      expect(readdirSync(root.path).sort()).toEqual(['checkpoint', 'clip'])
    })
  },
)
