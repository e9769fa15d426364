import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readGoldenDescription } from '../../../../../app/services/golden/golden-folder'
import { readGoldenTensors } from '../../../../../app/services/golden/golden-tensors'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longlens-golden-test-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('golden.json', () => {
  const read = async (golden: unknown) => {
    await writeFile(join(folder, 'golden.json'), JSON.stringify(golden))
    return await readGoldenDescription(folder)
  }
  const prompt = { input_ids: [1, -200, 7], images: [0], generated: [3] }

  it('needs prompts and nothing else', async () => {
    expect(await read({ prompts: { text: { input_ids: [1], generated: [] } } })).toEqual({
      images: [],
      prompts: { text: { input_ids: [1], images: [], generated: [] } },
      generation: {},
    })
  })

  it('takes one end token or several', async () => {
    const one = await read({ prompts: { p: prompt }, generation: { eos_token_id: 2 } })
    const two = await read({ prompts: { p: prompt }, generation: { eos_token_id: [2, 5] } })
    expect([one.generation.eos_token_id, two.generation.eos_token_id]).toEqual([[2], [2, 5]])
  })

  it.for<[unknown, string]>([
    [{}, 'prompts: '],
    [{ prompts: { p: { ...prompt, input_ids: [1, -3] } } }, 'prompts.p.input_ids.1: '],
    [{ prompts: { p: { ...prompt, generated: ['a'] } } }, 'prompts.p.generated.0: '],
    [{ prompts: { p: prompt }, images: [{ width: 1 }] }, 'images.0.file: '],
  ])('says what is wrong with %j and where', async ([golden, place]) => {
    const refused = await read(golden).catch((thrown: unknown) => thrown)
    expect(refused).toMatchObject({ code: 'golden_invalid' })
    expect((refused as { details: { reason: string } }).details.reason.startsWith(place)).toBe(true)
  })

  it('says that it is missing', async () => {
    await expect(readGoldenDescription(folder)).rejects.toMatchObject({
      code: 'golden_invalid',
      details: { file: join(folder, 'golden.json'), reason: 'it cannot be read' },
    })
  })
})

describe('golden.safetensors', () => {
  const file = () => join(folder, 'golden.safetensors')

  async function write(header: unknown, values: readonly number[], headerLength?: bigint): Promise<void> {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(headerLength ?? BigInt(json.length))
    await writeFile(file(), Buffer.concat([length, json, Buffer.from(Float32Array.from(values).buffer)]))
  }

  it('gives entries by name, and null for what is not there', async () => {
    await write(
      { __metadata__: { made: 'by hand' }, a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] } },
      [1.5, -2],
    )
    const tensors = await readGoldenTensors(file())
    expect([...(tensors.float32('a') ?? [])]).toEqual([1.5, -2])
    expect([tensors.shape('a'), tensors.float32('b'), tensors.shape('b')]).toEqual([[2, 1], null, null])
  })

  it.for<[string, () => Promise<void>]>([
    ['an empty file', () => writeFile(file(), '')],
    ['a header beyond the file', () => write('{}', [], 2n ** 60n)],
    ['a header that is no JSON', () => write('{]', [])],
    ['an entry without offsets', () => write({ a: { dtype: 'F32', shape: [1] } }, [1])],
  ])('refuses %s', async ([, make]) => {
    await make()
    await expect(readGoldenTensors(file())).rejects.toMatchObject({ code: 'golden_invalid' })
  })

  it.for([
    { dtype: 'F32', shape: [2], data_offsets: [0, 4] },
    { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
    { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
  ])('refuses the entry %j of an 8-byte file when it is asked for', async (entry) => {
    await write({ a: entry }, [1, 2])
    const tensors = await readGoldenTensors(file())
    expect(() => tensors.float32('a')).toThrow(/entry a/u)
  })
})
