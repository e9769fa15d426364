import { describe, expect, it } from 'vitest'
import {
  headerLength,
  parseSafetensorsHeader,
} from '../../../../../../app/services/models/checkpoint/safetensors-header'

function parse(header: unknown, dataBytes: number) {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  return parseSafetensorsHeader(json, 8 + json.length + dataBytes, 'x.safetensors')
}

const a = { dtype: 'F32', shape: [2], data_offsets: [0, 8] }

describe('parseSafetensorsHeader', () => {
  it('gives each tensor its place in the file, and leaves the metadata entry out', () => {
    const entries = parse({ __metadata__: { format: 'pt' }, a, b: { dtype: 'BF16', shape: [], data_offsets: [8, 10] } }, 10)
    expect(entries.map(({ name, dtype, bytes }) => [name, dtype, bytes])).toEqual([
      ['a', 'F32', 8],
      ['b', 'BF16', 2],
    ])
  })

  const hostile: [string, unknown, number, string][] = [
    ['text that is no JSON', '{"a":', 0, 'it is not valid JSON'],
    ['a header that is a list', '[1]', 0, 'its header is not a JSON object'],
    ['an entry without a type', { a: { shape: [2], data_offsets: [0, 8] } }, 8, 'tensor "a" has a malformed entry'],
    ['negative sizes', { a: { ...a, shape: [-2] } }, 8, 'tensor "a" has a malformed entry'],
    ['an unknown type', { a: { ...a, dtype: 'F7' } }, 8, 'tensor "a" has the unknown type F7'],
    ['offsets beyond the file', { a }, 4, 'tensor "a" ends beyond the file'],
    ['sizes that disagree with the offsets', { a: { ...a, shape: [3] } }, 8, 'tensor "a" of shape [3] and type F32 needs 12 bytes, but has 8'],
    ['offsets that go backwards', { a: { ...a, data_offsets: [8, 0] } }, 8, 'needs 8 bytes, but has -8'],
    ['a shape that overflows', { a: { ...a, shape: [2 ** 40, 2 ** 40] } }, 8, 'tensor "a" is larger than any file'],
    ['overlapping tensors', { a, b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }, 12, 'tensors "a" and "b" overlap'],
    ['a hole', { a: { ...a, data_offsets: [4, 12] } }, 12, '4 bytes of no tensor before "a"'],
    ['bytes after the last tensor', { a }, 9, '1 bytes after the last tensor'],
  ]

  it.each(hostile)('refuses %s', (_, header, dataBytes, reason) => {
    expect(() => parse(header, dataBytes)).toThrow(
      expect.objectContaining({ code: 'checkpoint_invalid' }) as Error,
    )
    expect(() => parse(header, dataBytes)).toThrow(reason)
  })
})

describe('headerLength', () => {
  function length(value: bigint, fileBytes: number) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(value)
    return headerLength(bytes, fileBytes, 'x.safetensors')
  }

  it('reads a plausible length', () => {
    expect(length(100n, 1000)).toBe(100)
  })

  it.each([
    ['2^60 bytes', 2n ** 60n, 1000],
    ['more than the file has', 993n, 1000],
    ['more than the format allows', 100_000_001n, 2 ** 40],
    ['nothing', 0n, 1000],
  ])('refuses a header of %s', (_, value, fileBytes) => {
    expect(() => length(value, fileBytes)).toThrow('its header')
  })

  it('refuses a file of less than eight bytes', () => {
    expect(() => headerLength(new Uint8Array(3), 3, 'x.safetensors')).toThrow('too short')
  })
})
