import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readGgufHeader } from '../../../../../../app/services/models/gguf/gguf-reader'
import { ggufFileBytes, writeGguf } from '../../../../../../app/services/models/gguf/gguf-writer'
import type { GgufTensor } from '../../../../../../app/services/models/gguf/gguf-writer'
import type { GgufMetadata } from '../../../../../../app/services/models/gguf/gguf-types'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longlens-gguf-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const everyType: GgufMetadata = new Map([
  ['a.u8', { type: 'u8', value: 255 }],
  ['a.i8', { type: 'i8', value: -128 }],
  ['a.u16', { type: 'u16', value: 65535 }],
  ['a.i16', { type: 'i16', value: -2 }],
  ['a.u32', { type: 'u32', value: 4294967295 }],
  ['a.i32', { type: 'i32', value: -3 }],
  ['a.f32', { type: 'f32', value: 0.25 }],
  ['a.f64', { type: 'f64', value: 0.1 }],
  ['a.u64', { type: 'u64', value: 18446744073709551615n }],
  ['a.i64', { type: 'i64', value: -5n }],
  ['a.bool', { type: 'bool', value: true }],
  ['a.string', { type: 'string', value: 'né\n' }],
  ['a.strings', { type: 'array', of: 'string', value: ['a', '', '▁b'] }],
  ['a.bools', { type: 'array', of: 'bool', value: [true, false] }],
  ['a.floats', { type: 'array', of: 'f32', value: Float32Array.of(1, -2.5) }],
  ['a.i32s', { type: 'array', of: 'i32', value: Int32Array.of(-1, 7) }],
])

function f32Tensor(name: string, shape: number[], values: number[]): GgufTensor {
  return { name, shape, type: 'F32', data: () => [new Uint8Array(Float32Array.from(values).buffer)] }
}

describe('writeGguf', () => {
  it('writes metadata of every type and tensors that the strict reader gives back unchanged', async () => {
    const path = join(folder, 'all.gguf')
    const tensors = [f32Tensor('first', [3], [1, 2, 3]), f32Tensor('second', [2, 2], [4, 5, 6, 7])]

    await writeGguf(path, everyType, tensors)
    const header = await readGgufHeader(path)

    expect(header.version).toBe(3)
    expect([...header.metadata]).toEqual([...everyType])
    expect([...header.tensors.keys()]).toEqual(['first', 'second'])
    const second = header.tensors.get('second')
    expect(second).toMatchObject({ shape: [2, 2], type: 'F32', bytes: 16, offset: header.dataOffset + 32 })
    const file = await readFile(path)
    const at = second?.offset ?? 0
    expect([0, 4, 8, 12].map((byte) => file.readFloatLE(at + byte))).toEqual([4, 5, 6, 7])
  })

  it('says beforehand how many bytes the file will take', async () => {
    const path = join(folder, 'size.gguf')
    const tensors = [f32Tensor('x', [3], [1, 2, 3]), f32Tensor('y', [1], [1])]
    await writeGguf(path, everyType, tensors)
    expect((await readFile(path)).length).toBe(ggufFileBytes(everyType, tensors))
  })

  it('leaves nothing behind when a tensor gives fewer bytes than its shape says', async () => {
    const tensors = [f32Tensor('short', [4], [1, 2, 3])]
    await expect(writeGguf(join(folder, 'a.gguf'), new Map(), tensors)).rejects.toMatchObject({ code: 'internal' })
    expect(await readdir(folder)).toEqual([])
  })

  it('leaves nothing behind when it is aborted between chunks', async () => {
    const abort = new AbortController()
    const tensor: GgufTensor = {
      name: 'slow',
      shape: [2],
      type: 'F32',
      data: function* () {
        yield new Uint8Array(4)
        abort.abort()
        yield new Uint8Array(4)
      },
    }
    const written = writeGguf(join(folder, 'a.gguf'), new Map(), [tensor], { signal: abort.signal })
    await expect(written).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(folder)).toEqual([])
  })

  it('refuses numbers that do not fit their type, and rows that do not divide into blocks', async () => {
    const path = join(folder, 'a.gguf')
    const tooLarge: GgufMetadata = new Map([['n', { type: 'u8', value: 256 }]])
    await expect(writeGguf(path, tooLarge, [])).rejects.toThrow('expected u8 for metadata n, got 256')
    const odd: GgufTensor = { name: 'odd', shape: [33], type: 'Q8_0', data: () => [] }
    await expect(writeGguf(path, new Map(), [odd])).rejects.toThrow('tensor "odd" cannot have shape [33] and type Q8_0')
  })
})
