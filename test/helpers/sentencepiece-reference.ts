import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SentencePieceProcessor } from '@sctg/sentencepiece-js'
import { parseSentencePieceModel } from '../../app/services/models/checkpoint/sentencepiece-model'
import type { TokenizerData } from '../../app/domain/tokenizer/tokenizer-data'

/** Golden data and sample media beside the repository; absent on most machines. */
export const sharedFolder = resolve(fileURLToPath(new URL('../..', import.meta.url)), '../shared')

/** A file of the shared folder, and why a test without it is skipped. */
export function sharedFile(path: string): { path: string; missing: false | string } {
  const file = resolve(sharedFolder, path)
  return { path: file, missing: existsSync(file) ? false : `${file} is not on this machine` }
}

/** The real SentencePiece, compiled to WebAssembly. */
export interface ReferenceTokenizer {
  encode(text: string): number[]
  decode(ids: readonly number[]): string
}

export async function loadReference(model: Uint8Array): Promise<ReferenceTokenizer> {
  const processor = new SentencePieceProcessor()
  await processor.loadFromB64StringModel(Buffer.from(model).toString('base64'))
  return {
    encode: (text) => processor.encodeIds(text),
    decode: (ids) => processor.decodeIds(Int32Array.from(ids)) as string,
  }
}

/** A `tokenizer.model` as data for our tokenizer. */
export function tokenizerDataOf(model: Uint8Array, specials: readonly number[] = []): TokenizerData {
  const { addDummyPrefix, ...read } = parseSentencePieceModel(model, 'tokenizer.model')
  return { ...read, addSpacePrefix: addDummyPrefix, specials }
}

export function readModel(path: string): Uint8Array {
  return readFileSync(path)
}

/** Ids of the official vocabulary that are special strings: `<|pad|>`, `<|startoftext|>`, `<|endoftext|>`, `<|unk|>`. */
export const officialSpecials = [0, 1, 2, 3]

export interface VocabularyEntry {
  readonly text: string
  readonly score: number
  /** 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
  readonly type: number
}

/** Writes a `tokenizer.model` with the identity normalizer, for vocabularies made up by a test. */
export function writeModel(
  kind: 'bpe' | 'unigram',
  vocabulary: readonly VocabularyEntry[],
  options: { byteFallback?: boolean; addDummyPrefix?: boolean } = {},
): Uint8Array {
  const pieces = vocabulary.map(({ text, score, type }) => {
    const scoreBytes = Buffer.alloc(4)
    scoreBytes.writeFloatLE(score)
    return bytesField(
      1,
      Buffer.concat([bytesField(1, Buffer.from(text)), Buffer.of(0x15), scoreBytes, varintField(3, type)]),
    )
  })
  const unknown = vocabulary.findIndex(({ type }) => type === 2)
  const trainer = Buffer.concat([
    varintField(3, kind === 'unigram' ? 1 : 2),
    varintField(4, vocabulary.length),
    varintField(35, options.byteFallback === true ? 1 : 0),
    varintField(40, unknown),
  ])
  const normalizer = Buffer.concat([
    bytesField(1, Buffer.from('identity')),
    varintField(3, options.addDummyPrefix === true ? 1 : 0),
    varintField(4, 0),
  ])
  return Buffer.concat([...pieces, bytesField(2, trainer), bytesField(3, normalizer)])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Buffer.from([...bytes, rest])
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)])
}

function bytesField(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(value.length), value])
}
