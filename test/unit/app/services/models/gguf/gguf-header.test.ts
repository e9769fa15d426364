import { describe, expect, it } from 'vitest'
import { encodeGgufHeader } from '../../../../../../app/services/models/gguf/gguf-encode'
import type { TensorHeader } from '../../../../../../app/services/models/gguf/gguf-encode'
import { parseGgufHeader } from '../../../../../../app/services/models/gguf/gguf-header'
import { HeaderIncomplete } from '../../../../../../app/services/models/gguf/header-cursor'
import type { GgufMetadata } from '../../../../../../app/services/models/gguf/gguf-types'

/** A file as bytes: header, padding, 64 bytes of data. */
function ggufFile(metadata: GgufMetadata, tensors: readonly TensorHeader[], dataBytes = 64): Uint8Array {
  const header = encodeGgufHeader(metadata, tensors)
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), Buffer.alloc(dataBytes)])
}

const noMetadata: GgufMetadata = new Map()
const twoTensors: TensorHeader[] = [
  { name: 'a', shape: [8], type: 'F32', offset: 0 },
  { name: 'b', shape: [4, 2], type: 'F32', offset: 32 },
]

function parse(bytes: Uint8Array) {
  return parseGgufHeader(bytes, bytes.length, 'x.gguf')
}

/** Text of the first occurrence of `before` replaced in place; both have the same length. */
function patched(bytes: Uint8Array, at: number, patch: (view: DataView, at: number) => void): Uint8Array {
  const copy = Uint8Array.from(bytes)
  patch(new DataView(copy.buffer), at)
  return copy
}

const COUNTS = { magic: 0, version: 4, tensors: 8, keys: 16, firstKeyLength: 24 }

describe('parseGgufHeader', () => {
  it('places tensors at absolute offsets and accepts padding after the last one', () => {
    const header = parse(ggufFile(noMetadata, twoTensors))
    expect(header.dataOffset % 32).toBe(0)
    expect(header.tensors.get('b')).toEqual({
      name: 'b',
      shape: [4, 2],
      type: 'F32',
      bytes: 32,
      offset: header.dataOffset + 32,
    })
  })

  it('asks for more bytes when it is given only the start of the header', () => {
    const bytes = ggufFile(noMetadata, twoTensors)
    expect(() => parseGgufHeader(bytes.subarray(0, 40), bytes.length, 'x.gguf')).toThrow(HeaderIncomplete)
  })

  const u32Key: GgufMetadata = new Map([['key', { type: 'u32', value: 7 }]])
  const arrayKey: GgufMetadata = new Map([['list', { type: 'array', of: 'u32', value: Uint32Array.of(1, 2) }]])
  const alignment = (value: number): GgufMetadata => new Map([['general.alignment', { type: 'u32', value }]])
  const base = ggufFile(noMetadata, twoTensors)
  // Header, key length, "key"; then the type.
  const typeOfKey = COUNTS.firstKeyLength + 8 + 3
  // Header, key length, "list", type of the value; then the type of the elements and their number.
  const typeOfList = COUNTS.firstKeyLength + 8 + 4 + 4
  // Header, name length, "a"; then the number of dimensions, the dimension, the type and the offset.
  const dimensionsOfA = COUNTS.firstKeyLength + 8 + 1

  const hostile: [string, Uint8Array, string][] = [
    ['another magic', patched(base, COUNTS.magic, (view, at) => { view.setUint8(at, 0x58) }), 'does not begin with "GGUF"'],
    ['version 1', patched(base, COUNTS.version, (view, at) => { view.setUint32(at, 1, true) }), 'version 1'],
    ['version 4', patched(base, COUNTS.version, (view, at) => { view.setUint32(at, 4, true) }), 'version 4'],
    [
      '2^63 tensors',
      patched(base, COUNTS.tensors, (view, at) => { view.setBigUint64(at, 2n ** 63n, true) }),
      'the number of tensors is 9223372036854775808',
    ],
    [
      '2^60 metadata keys',
      patched(base, COUNTS.keys, (view, at) => { view.setBigUint64(at, 2n ** 60n, true) }),
      'the number of metadata keys is 1152921504606846976',
    ],
    [
      'a key of 2^62 bytes',
      patched(ggufFile(u32Key, []), COUNTS.firstKeyLength, (view, at) => { view.setBigUint64(at, 2n ** 62n, true) }),
      'the length of the name of metadata key 0 is 4611686018427387904',
    ],
    [
      'an unknown value type',
      patched(ggufFile(u32Key, []), typeOfKey, (view, at) => { view.setUint32(at, 13, true) }),
      'metadata key "key" has the unknown type 13',
    ],
    [
      'an array of arrays',
      patched(ggufFile(arrayKey, []), typeOfList, (view, at) => { view.setUint32(at, 9, true) }),
      'metadata key "list" is an array of arrays',
    ],
    [
      'an array longer than the file',
      patched(ggufFile(arrayKey, []), typeOfList + 4, (view, at) => { view.setBigUint64(at, 1_000_000n, true) }),
      'metadata key "list" has 1000000 elements, more than the file can hold',
    ],
    [
      'an array of 2^61 elements',
      patched(ggufFile(arrayKey, []), typeOfList + 4, (view, at) => { view.setBigUint64(at, 2n ** 61n, true) }),
      'the number of elements of metadata key "list" is 2305843009213693952',
    ],
    ['alignment 24', ggufFile(alignment(24), []), 'power of two'],
    ['alignment 0', ggufFile(alignment(0), []), 'power of two'],
    [
      'an alignment that is text',
      ggufFile(new Map([['general.alignment', { type: 'string', value: '32' }]]), []),
      'metadata key "general.alignment" should be u32, but is string',
    ],
    [
      'a boolean of 2',
      patched(ggufFile(new Map([['yes', { type: 'bool', value: true }]]), []), typeOfKey + 4, (view, at) => { view.setUint8(at, 2) }),
      'metadata key "yes" should be 0 or 1, but is 2',
    ],
    [
      'text that is not UTF-8',
      patched(ggufFile(new Map([['txt', { type: 'string', value: 'ab' }]]), []), typeOfKey + 12, (view, at) => { view.setUint8(at, 0xff) }),
      'metadata key "txt" is not valid UTF-8',
    ],
    [
      'no dimensions',
      patched(base, dimensionsOfA, (view, at) => { view.setUint32(at, 0, true) }),
      'tensor "a" should have 1 to 4 dimensions, but has 0',
    ],
    [
      'five dimensions',
      patched(base, dimensionsOfA, (view, at) => { view.setUint32(at, 5, true) }),
      'tensor "a" should have 1 to 4 dimensions, but has 5',
    ],
    [
      'a dimension of 0',
      patched(base, dimensionsOfA + 4, (view, at) => { view.setBigUint64(at, 0n, true) }),
      'dimension 0 of tensor "a" is 0',
    ],
    [
      'a dimension of 2^64 - 1',
      patched(base, dimensionsOfA + 4, (view, at) => { view.setBigUint64(at, 2n ** 64n - 1n, true) }),
      'dimension 0 of tensor "a" is 18446744073709551615',
    ],
    [
      'a size that overflows',
      ggufFile(noMetadata, [{ name: 'a', shape: [2 ** 30, 2 ** 30], type: 'F32', offset: 0 }]),
      'tensor "a" of type F32 cannot have the shape [1073741824, 1073741824]',
    ],
    [
      'rows that do not divide into blocks',
      ggufFile(noMetadata, [{ name: 'a', shape: [33], type: 'Q8_0', offset: 0 }]),
      'tensor "a" of type Q8_0 cannot have the shape [33]',
    ],
    [
      'a retired tensor type',
      patched(base, dimensionsOfA + 12, (view, at) => { view.setUint32(at, 4, true) }),
      'tensor "a" has the unknown type 4',
    ],
    [
      'an offset that is not aligned',
      ggufFile(noMetadata, [{ name: 'a', shape: [4], type: 'F32', offset: 8 }]),
      'tensor "a" has an offset that is not aligned to 32 bytes',
    ],
    [
      'an offset of 2^63',
      patched(base, dimensionsOfA + 16, (view, at) => { view.setBigUint64(at, 2n ** 63n, true) }),
      'tensor "a" ends beyond the file',
    ],
    [
      'a tensor cut off by the end of the file',
      ggufFile(noMetadata, [{ name: 'a', shape: [17], type: 'F32', offset: 0 }]),
      'tensor "a" ends beyond the file: 68 bytes at 0',
    ],
    [
      'overlapping tensors',
      ggufFile(noMetadata, [
        { name: 'a', shape: [16], type: 'F32', offset: 0 },
        { name: 'b', shape: [8], type: 'F32', offset: 32 },
      ]),
      'tensor "b" overlaps the tensor before it',
    ],
    [
      'a hole between tensors',
      ggufFile(noMetadata, [{ name: 'a', shape: [8], type: 'F32', offset: 32 }]),
      'tensor "a" should begin at 0, but begins at 32',
    ],
    ['two tensors of one name', ggufFile(noMetadata, twoTensors.map((tensor) => ({ ...tensor, name: 'a' }))), 'tensor "a" occurs twice'],
    ['bytes after the last tensor', ggufFile(noMetadata, twoTensors, 128), 'bytes after the last tensor'],
    ['an empty file', new Uint8Array(0), 'the file mark does not fit'],
  ]

  it.each(hostile)('refuses %s', (_, bytes, reason) => {
    let thrown: unknown
    try {
      parse(bytes)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'model_invalid', details: { file: 'x.gguf' } })
    expect((thrown as Error).message).toContain(reason)
  })

  it('refuses a metadata key that occurs twice', () => {
    const two: GgufMetadata = new Map([
      ['ab', { type: 'u8', value: 1 }],
      ['ac', { type: 'u8', value: 2 }],
    ])
    const bytes = Buffer.from(ggufFile(two, []))
    bytes[bytes.indexOf('ac') + 1] = 'b'.charCodeAt(0)
    expect(() => parse(bytes)).toThrow('metadata key "ab" occurs twice')
  })
})
