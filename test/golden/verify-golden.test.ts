import { existsSync } from 'node:fs'
import { chmod, cp, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { smallSizes, type CheckpointSizes } from '../helpers/checkpoint'
import { jsonLines, runInProcess } from '../helpers/cli'
import { writeGoldenSet, type GoldenSetShape } from '../helpers/golden-set'

const goldenFolder = join(import.meta.dirname, '../../../shared/golden')
const noGolden = existsSync(goldenFolder) ? undefined : 'shared/golden is not beside the repository'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'longlens-verify-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true, force: true })
})

interface Report {
  readonly pass: boolean
  readonly cases: readonly {
    name: string
    stage: string
    maxAbsDiff: number
    meanAbsDiff: number
    equal: boolean
  }[]
  readonly firstDifference?: string
}

async function verify(folder: string): Promise<{ code: number | null; report: Report; keys: string[] }> {
  const result = await runInProcess(['verify-golden', folder, '--json'])
  const [line] = jsonLines(result)
  if (line === undefined || 'type' in line)
    throw new Error(`expected a report, got ${result.out}${result.err}`)
  return { code: result.code, report: line as unknown as Report, keys: Object.keys(line) }
}

const sizes: CheckpointSizes = {
  ...smallSizes,
  vocabulary: 90,
  tower: { width: 24, intermediate: 40, layers: 3, heads: 2, image: 56, patch: 7 },
}
const set: GoldenSetShape = {
  sizes,
  pictures: [
    [40, 30],
    [20, 61],
  ],
  prompts: { image: [0, 1], text: [] },
  generated: 6,
}

/** Models unlike the two given ones: [what is unlike, changes]. */
const shapes: [string, Partial<GoldenSetShape>, Partial<CheckpointSizes>][] = [
  ['eight experts of which two are taken', {}, { experts: 8, layers: 5 }],
  ['more layers and another rhythm of attention', {}, { layers: 9, attentionPeriod: 3, attentionOffset: 0 }],
  ['heads of 20, which flash attention is rarely made for', {}, { hidden: 80, heads: 4, kvHeads: 1 }],
  [
    'a wide model whose heads are larger than usual',
    {},
    { hidden: 192, heads: 1, kvHeads: 1, intermediate: 96 },
  ],
  ['other sizes of state, convolution and time step', {}, { state: 8, convolution: 3, timeStepRank: 5 }],
  ['a single picture that is square already', { pictures: [[56, 56]], prompts: { one: [0] } }, {}],
  [
    'five pictures, shown in any order and several times',
    {
      pictures: [
        [9, 9],
        [300, 20],
        [57, 56],
        [1, 80],
        [64, 64],
      ],
      prompts: { video: [4, 0, 3, 3, 1, 2], text: [] },
    },
    {},
  ],
  ['no pictures at all', { pictures: [], prompts: { text: [], more: [] } }, {}],
]

describe('verify-golden on made-up reference folders', () => {
  it.for(shapes)('passes for %s', async ([, change, changedSizes]) => {
    await writeGoldenSet(join(root, 'set'), { ...set, ...change, sizes: { ...sizes, ...changedSizes } })

    const { code, report } = await verify(join(root, 'set'))

    expect(report.firstDifference).toBeUndefined()
    expect({ code, pass: report.pass }).toEqual({ code: 0, pass: true })
    const differing = report.cases.filter(({ maxAbsDiff }) => maxAbsDiff > 2e-4)
    expect(differing.filter(({ stage }) => !stage.endsWith('product settings'))).toEqual([])
  })
})

describe('verify-golden on wrong reference folders', () => {
  const folder = () => join(root, 'set')

  it('fails when one tensor of one layer is wrong, and names the layer', async () => {
    await writeGoldenSet(folder(), { ...set, prompts: { image: [0], text: [] } })
    await changeTensor(join(folder(), 'model.safetensors'), 'model.layers.2.mamba.D', (value) => value * 1.5)

    const { code, report } = await verify(folder())

    expect({ code, pass: report.pass }).toEqual({ code: 1, pass: false })
    // Layer 2 is the last one of three: what comes out of it is only known behind the final norm.
    expect(report.firstDifference).toBe('language model, layer 2 or the final norm (prompt "text")')
  })

  it('names the stage when it is the vision tower that is wrong', async () => {
    await writeGoldenSet(folder(), set)
    const tower = join(folder(), 'clip', 'model.safetensors')
    await changeTensor(tower, 'vision_model.encoder.layers.1.mlp.fc2.bias', (value) => value + 0.01)

    const { code, report } = await verify(folder())

    expect(code).toBe(1)
    expect(report.firstDifference).toBe('vision tower (vision.features)')
    expect(report.cases.find(({ name }) => name === 'vision.projected')?.maxAbsDiff).toBeLessThan(1e-4)
  })

  it('names lm_head when every layer is right', async () => {
    await writeGoldenSet(folder(), { ...set, pictures: [], prompts: { text: [] } })
    await changeTensor(join(folder(), 'model.safetensors'), 'lm_head.weight', (value, i) =>
      i < 32 ? -value : value,
    )

    expect((await verify(folder())).report.firstDifference).toBe('language model, lm_head (prompt "text")')
  })

  it('prints numbers, never null, where a reference is no number', async () => {
    await writeGoldenSet(folder(), { ...set, pictures: [], prompts: { text: [] } })
    await changeTensor(join(folder(), 'golden.safetensors'), 'text.logits', (value, i) =>
      i === 5 ? NaN : value,
    )

    const { code, report } = await verify(folder())

    expect(code).toBe(1)
    const logits = report.cases.filter(({ stage }) => stage.startsWith('logits'))
    expect(logits.map(({ maxAbsDiff, equal }) => [maxAbsDiff, equal])).toEqual([
      [Number.MAX_VALUE, false],
      [Number.MAX_VALUE, false],
      [Number.MAX_VALUE, false],
    ])
  })

  it.for<[string, (golden: Record<string, never>) => unknown, string]>([
    ['no JSON', () => '{', 'it is not JSON'],
    ['no prompts', (golden) => ({ ...golden, prompts: {} }), 'prompts: should hold at least one prompt'],
    [
      'a token beyond the vocabulary',
      (golden) => ({ ...golden, prompts: { text: { input_ids: [1, 90], generated: [3] } } }),
      'prompt "text" has token 90, the vocabulary 90 pieces',
    ],
    [
      'a picture that is not there',
      (golden) => ({ ...golden, prompts: { text: { input_ids: [1, -200], images: [2], generated: [] } } }),
      'prompt "text" shows picture 2 of 0',
    ],
  ])('refuses a golden.json with %s', async ([, change, reason]) => {
    await writeGoldenSet(folder(), { ...set, pictures: [], prompts: { text: [] } })
    const file = join(folder(), 'golden.json')
    const changed = change(JSON.parse(await readFile(file, 'utf8')) as Record<string, never>)
    await writeFile(file, typeof changed === 'string' ? changed : JSON.stringify(changed))

    const result = await runInProcess(['verify-golden', folder(), '--json'])

    expect(result.code).toBe(1)
    expect(jsonLines(result)).toEqual([
      {
        type: 'error',
        code: 'golden_invalid',
        message: `The reference folder cannot be used: "${file}": ${reason}.`,
        remedy: 'Check that the folder holds a checkpoint, golden.json and golden.safetensors.',
      },
    ])
  })

  it('refuses a cut golden.safetensors, and a folder without a checkpoint, each with its own code', async () => {
    await writeGoldenSet(folder(), { ...set, pictures: [], prompts: { text: [] } })
    await truncate(join(folder(), 'golden.safetensors'), 400)
    const cut = await runInProcess(['verify-golden', folder(), '--json'])
    expect(jsonLines(cut)[0]).toMatchObject({ type: 'error', code: 'golden_invalid' })

    await writeGoldenSet(join(root, 'other'), { ...set, pictures: [], prompts: { text: [] } })
    await rm(join(root, 'other', 'config.json'))
    const bare = await runInProcess(['verify-golden', join(root, 'other'), '--json'])
    expect(jsonLines(bare)[0]).toMatchObject({ type: 'error', code: 'checkpoint_invalid' })
    expect([cut.code, bare.code]).toEqual([1, 1])
  })
})

describe('verify-golden', () => {
  it('removes its import when it is stopped in the middle, and says nothing', async () => {
    await writeGoldenSet(join(root, 'set'), set)
    vi.stubEnv('TMPDIR', root)
    const stop = new AbortController()

    const result = await runInProcess(['verify-golden', join(root, 'set')], {
      signal: stop.signal,
      onOutput: () => {
        stop.abort()
      },
    })

    expect({ code: result.code, err: result.err }).toEqual({ code: 130, err: '' })
    expect(await readdir(root)).toEqual(['set'])
  })

  it('prints one line a case and a closing line for people', async () => {
    await writeGoldenSet(join(root, 'set'), { ...set, pictures: [], prompts: { text: [] } })

    const { out, err, code } = await runInProcess(['verify-golden', 'set'], { cwd: root })

    expect({ code, err }).toEqual({ code: 0, err: '' })
    const lines = out.trimEnd().split('\n')
    expect(lines).toHaveLength(7)
    expect(lines.at(0)).toMatch(/^ok {7}text\.logits {12}max \d\.\d\de-\d, mean \d\.\d\de-\d +logits$/)
    expect(lines.at(-1)).toBe('All 6 cases pass.')
  })
})

describe.skipIf(noGolden !== undefined)(
  `verify-golden on the official reference folders${noGolden === undefined ? '' : ` (skipped: ${noGolden})`}`,
  () => {
    it.for(['longllava-dense', 'longllava-moe'])('passes %s, in exactly the promised form', async (name) => {
      const { code, report, keys } = await verify(join(goldenFolder, name))

      expect({ code, pass: report.pass, keys }).toEqual({ code: 0, pass: true, keys: ['pass', 'cases'] })
      expect(report.cases).toHaveLength(21)
      for (const one of report.cases) {
        expect(Object.keys(one)).toEqual(['name', 'stage', 'maxAbsDiff', 'meanAbsDiff', 'equal'])
      }
      const pixels = report.cases.filter(({ stage }) => stage === 'pixels')
      expect(pixels.map(({ name: entry, equal }) => [entry, equal])).toEqual([
        ['pixel_values[0]', true],
        ['pixel_values[1]', true],
      ])
      const tokens = report.cases.filter(({ stage }) => stage.startsWith('greedy tokens'))
      expect(tokens.map(({ equal }) => equal)).toEqual(Array(6).fill(true))
    })

    it.for([
      ['model.layers.3.mamba.A_log', 'language model, layer 3 (prompt "text")'],
      ['model.layers.4.self_attn.v_proj.weight', 'language model, layer 4 (prompt "text")'],
      ['model.layers.5.moe.experts.2.down_proj.weight', 'language model, layer 5 (prompt "text")'],
    ])('fails and names the layer when %s is damaged', async ([tensor, first]) => {
      await cp(join(goldenFolder, 'clip-tiny-336'), join(root, 'clip-tiny-336'), { recursive: true })
      const folder = join(root, 'longllava-moe')
      await cp(join(goldenFolder, 'longllava-moe'), folder, { recursive: true })
      await changeTensor(join(folder, 'model.safetensors'), tensor ?? '', (value) => value * 1.1 + 0.01)

      const { code, report } = await verify(folder)

      expect({ code, pass: report.pass, first: report.firstDifference }).toEqual({
        code: 1,
        pass: false,
        first,
      })
    })
  },
)

/** Rewrites the values of one F32 tensor of a safetensors file. */
async function changeTensor(
  file: string,
  name: string,
  change: (value: number, index: number) => number,
): Promise<void> {
  await chmod(file, 0o600)
  const bytes = await readFile(file)
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { data_offsets: [number, number] }
  >
  const [from, to] = header[name]?.data_offsets ?? [0, 0]
  if (from === to) throw new Error(`${file} has no tensor ${name}`)
  for (let at = from; at < to; at += 4) {
    bytes.writeFloatLE(change(bytes.readFloatLE(start + at), (at - from) / 4), start + at)
  }
  await writeFile(file, bytes)
}
