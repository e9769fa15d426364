import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../app/contract/errors'
import { encodeGgufHeader } from '../../app/services/models/gguf/gguf-encode'
import { parseGgufHeader } from '../../app/services/models/gguf/gguf-header'
import { HeaderIncomplete } from '../../app/services/models/gguf/header-cursor'
import type { GgufMetadata } from '../../app/services/models/gguf/gguf-types'
import { headerLength, parseSafetensorsHeader } from '../../app/services/models/checkpoint/safetensors-header'
import { parseSentencePieceModel } from '../../app/services/models/checkpoint/sentencepiece-model'
import { sentencePieceBytes, standardPieces } from '../helpers/sentencepiece-bytes'

/**
 * Valid files with bytes overwritten, cut off, removed and doubled, and numbers set to extreme values. Every one must
 * be parsed or refused with an AppError: no other exception, no hang, and no more memory than a multiple of the file.
 */

const RUNS = 1500
/** Far above what files of a few kilobytes need, far below what one believed length would take. */
const MOST_BYTES = 64 * 1024 * 1024

type Mutation =
  | { readonly kind: 'set'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'remove' | 'double'; readonly at: number; readonly count: number }

const place = fc.double({ min: 0, max: 1, noNaN: true })
const extremes = [
  0n,
  1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 60n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
]
const extremeBytes = fc.constantFrom(...extremes).map((value) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return new Uint8Array(bytes)
})

function mutationsOf(length: number): fc.Arbitrary<Mutation[]> {
  const at = place.map((fraction) => Math.floor(fraction * length))
  const set = fc.record({
    kind: fc.constant('set' as const),
    at,
    bytes: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 8 }), extremeBytes),
  })
  const cut = fc.record({ kind: fc.constant('cut' as const), at })
  const shift = fc.record({
    kind: fc.constantFrom('remove' as const, 'double' as const),
    at,
    count: fc.integer({ min: 1, max: 64 }),
  })
  return fc.array(
    fc.oneof({ weight: 6, arbitrary: set }, { weight: 1, arbitrary: cut }, { weight: 2, arbitrary: shift }),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
}

function mutate(file: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  let bytes = Uint8Array.from(file)
  for (const mutation of mutations) {
    const at = Math.min(mutation.at, bytes.length)
    if (mutation.kind === 'set') bytes.set(mutation.bytes.subarray(0, bytes.length - at), at)
    else if (mutation.kind === 'cut') bytes = bytes.slice(0, at)
    else if (mutation.kind === 'remove')
      bytes = Uint8Array.from([...bytes.slice(0, at), ...bytes.slice(at + mutation.count)])
    else bytes = Uint8Array.from([...bytes.slice(0, at + mutation.count), ...bytes.slice(at)])
  }
  return bytes
}

/** Bytes held by the heap and by array buffers. */
function heldBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function survives(file: Uint8Array, parse: (bytes: Uint8Array) => unknown): void {
  expect(() => parse(file)).not.toThrow()
  fc.assert(
    fc.property(mutationsOf(file.length), (mutations) => {
      const bytes = mutate(file, mutations)
      const before = heldBytes()
      try {
        parse(bytes)
      } catch (thrown) {
        if (!(thrown instanceof AppError)) throw thrown
        expect(thrown.details['file']).toBe('x')
        expect(String(thrown.details['reason'])).not.toBe('')
      }
      expect(heldBytes() - before).toBeLessThan(MOST_BYTES)
    }),
    { numRuns: RUNS },
  )
}

function ggufFile(): Uint8Array {
  const metadata: GgufMetadata = new Map([
    ['general.architecture', { type: 'string', value: 'jamba' }],
    ['general.alignment', { type: 'u32', value: 32 }],
    ['a.flag', { type: 'bool', value: true }],
    ['a.list', { type: 'array', of: 'i32', value: Int32Array.of(1, 2, 3) }],
    ['a.texts', { type: 'array', of: 'string', value: ['x', '▁yz', ''] }],
    ['a.big', { type: 'u64', value: 5n }],
  ])
  const header = encodeGgufHeader(metadata, [
    { name: 'token_embd.weight', shape: [32, 4], type: 'Q8_0', offset: 0 },
    { name: 'blk.0.ssm_a', shape: [4, 2], type: 'F32', offset: 160 },
    { name: 'blk.0.ffn_up_exps.weight', shape: [4, 2, 2], type: 'BF16', offset: 192 },
  ])
  return Buffer.concat([header, Buffer.alloc((32 - (header.length % 32)) % 32), Buffer.alloc(224)])
}

function safetensorsFile(): Uint8Array {
  const json = Buffer.from(
    JSON.stringify({
      __metadata__: { format: 'pt' },
      'model.embed_tokens.weight': { dtype: 'BF16', shape: [4, 8], data_offsets: [0, 64] },
      'model.layers.0.mamba.D': { dtype: 'F32', shape: [8], data_offsets: [64, 96] },
      logit_scale: { dtype: 'F16', shape: [], data_offsets: [96, 98] },
    }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, Buffer.alloc(98)])
}

describe('mutated model files are parsed or refused:', () => {
  it('GGUF headers', () => {
    survives(ggufFile(), (bytes) => {
      try {
        return parseGgufHeader(bytes, bytes.length, 'x')
      } catch (thrown) {
        // The whole file is at hand, so this may not be asked for.
        if (thrown instanceof HeaderIncomplete)
          throw new Error('asked for bytes beyond the file', { cause: thrown })
        throw thrown
      }
    })
  })

  it('GGUF headers of which only the beginning is at hand', () => {
    const file = ggufFile()
    fc.assert(
      fc.property(place, (fraction) => {
        const count = Math.floor(fraction * 300)
        try {
          parseGgufHeader(file.subarray(0, count), file.length, 'x')
        } catch (thrown) {
          if (!(thrown instanceof HeaderIncomplete)) throw thrown
          expect(thrown.needBytes).toBeGreaterThan(count)
          expect(thrown.needBytes).toBeLessThanOrEqual(file.length)
        }
      }),
    )
  })

  it('safetensors headers', () => {
    survives(safetensorsFile(), (bytes) => {
      const length = headerLength(bytes, bytes.length, 'x')
      return parseSafetensorsHeader(bytes.subarray(8, 8 + length), bytes.length, 'x')
    })
  })

  it('SentencePiece models', () => {
    const file = sentencePieceBytes({ pieces: standardPieces(['▁the', 'quick', '▁▁', 'é']) })
    survives(file, (bytes) => parseSentencePieceModel(bytes, 'x'))
  })
})
