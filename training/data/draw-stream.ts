/**
 * Drawn frames with their dense targets, as binary records on standard output: what the vision tower learns from, and
 * what the bank is encoded from. Unit i of a kind is the same whatever `--start`, `--count` and `--batch` are.
 *
 *   node build/training/draw-stream.mjs --split train --seed 1 --kind mixed --start 0 --count 6400 --batch 64 \
 *     --vocabulary training/tokenizer/tokenizer.model
 *
 * Kinds: `mixed` (a unit is one frame of any sort), `primer`, `figures` and `review` (one frame, fuller; draw-units.ts), `clips`
 * (the four phases of clip i), `sheets` (the whole view of sheet i, then its tiles row by row), `stills` (the picture i that
 * belongs to no clip). One record for each `--batch` units: u32 n frames; u8 pixels [n, 160, 160, 3];
 * i16 cells [n, 25, 13]; i16 globals [n, 4]; i16 names [n, 25, 8]; little-endian, after one line of JSON.
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createTokenizer } from '../../app/domain/tokenizer/create-tokenizer'
import { artCounts } from '../../app/domain/world/draw/art'
import type { TokenOf } from '../../app/domain/world/draw/cell-names'
import { loadArtPack } from '../../app/services/world/art-pack'
import { readSentencePieceModel } from '../../app/services/models/checkpoint/sentencepiece-model'
import { drawHeader, drawRecord, DRAW_KINDS } from './draw-record'
import { framesOf } from './draw-units'
import { tokenLookup } from './token-lookup'
import { withVariety } from './variety'

const count = z.coerce.number().int().nonnegative()
const options = z.strictObject({
  split: z.enum(['train', 'test']).default('train'),
  seed: count.default(1),
  kind: z.enum(DRAW_KINDS).default('mixed'),
  start: count.default(0),
  count,
  batch: count.min(1).default(64),
  /** SentencePiece model; without one, no cell has names. */
  vocabulary: z.string().optional(),
  art: z.string().default('models/longlens-tiny/world'),
  /** Share of the drawings, fonts and photographs that are used: what is drawn in few ways is learnt first. */
  variety: z.coerce.number().gt(0).max(1).default(1),
})

async function main(): Promise<void> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      split: text,
      seed: text,
      kind: text,
      start: text,
      count: text,
      batch: text,
      vocabulary: text,
      art: text,
      variety: text,
    },
  })
  const asked = options.parse(values)
  const art = await loadArtPack(asked.art)
  const counts = withVariety(artCounts(art), asked.variety)
  const tokenOf = asked.vocabulary === undefined ? () => undefined : await readTokens(asked.vocabulary)
  await write(drawHeader(asked))
  const end = asked.start + asked.count
  for (let first = asked.start; first < end; first += asked.batch) {
    const units = Array.from({ length: Math.min(asked.batch, end - first) }, (_, index) => first + index)
    const frames = units.flatMap((unit) => framesOf(asked.kind, asked.seed, unit, asked.split, counts))
    await write(drawRecord(frames, art, tokenOf))
  }
}

/** Waits while the reader is slow; ends the program when it is gone. */
async function write(bytes: Uint8Array | string): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
}

async function readTokens(path: string): Promise<TokenOf> {
  const { addDummyPrefix, ...model } = await readSentencePieceModel(path)
  return tokenLookup(createTokenizer({ ...model, addSpacePrefix: addDummyPrefix, specials: [] }))
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has all it wants.
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})
await main()
