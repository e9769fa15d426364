/**
 * Streams episodes to the training of the language model: a line of JSON, then batches as of `encodeBatch`, endlessly
 * or `--count` of them.
 *
 *   node build/training/episodes-stream.mjs --stage single --seed 1 --clips 24000 --sheets 2000 >episodes.bin
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { createClipSource } from '../../app/domain/world/clip-source'
import { artCounts } from '../../app/domain/world/draw/art'
import { WORLD_TASKS } from '../../app/domain/world/scene'
import { loadArtPack } from '../../app/services/world/art-pack'
import type { EpisodeWorld } from './episode'
import { makeBatch } from './episode-batch'
import { encodeBatch } from './episode-record'
import { EPISODE_KINDS, defaultMix, episodeSettingsSchema, STAGES } from './episode-settings'
import { TOKENS_PER_PICTURE, loadPromptContext } from './prompt-context'
import { textTokens } from './text-tokens'
import { tokenLookup } from './token-lookup'
import { questionMakers } from './question-makers'
import { createSheetBank } from './sheet-bank'
import { createStillSource } from './still-source'

const bankSchema = z.strictObject({
  clips: z.coerce.number().int().min(1),
  sheets: z.coerce.number().int().min(0),
  stills: z.coerce.number().int().min(0),
  seed: z.coerce.number().int().min(0),
  /** Which half of the art it is drawn with. */
  world: z.enum(['train', 'test']),
})

function parseOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stage: { type: 'string', default: 'single' },
      seed: { type: 'string', default: '1' },
      split: { type: 'string', default: 'train' },
      start: { type: 'string', default: '0' },
      count: { type: 'string' },
      'batch-tokens': { type: 'string', default: '4096' },
      'max-frames': { type: 'string', default: '16' },
      'min-frames': { type: 'string', default: '2' },
      mix: { type: 'string' },
      tasks: { type: 'string', default: '' },
      clips: { type: 'string', default: '24000' },
      sheets: { type: 'string', default: '2000' },
      stills: { type: 'string', default: '0' },
      'bank-seed': { type: 'string', default: '1' },
      world: { type: 'string', default: 'train' },
      art: { type: 'string', default: 'models/longlens-tiny/world' },
      tokenizer: { type: 'string', default: 'training/tokenizer/tokenizer.model' },
    },
  })
  const settings = episodeSettingsSchema.parse({
    stage: values.stage,
    seed: Number(values.seed),
    split: values.split,
    batchTokens: Number(values['batch-tokens']),
    maxFrames: Number(values['max-frames']),
    minFrames: Number(values['min-frames']),
    mix:
      values.mix === undefined
        ? defaultMix(z.enum(STAGES).parse(values.stage))
        : z.json().parse(JSON.parse(values.mix)),
    tasks: values.tasks.split(',').filter((task) => task !== ''),
  })
  const { clips, sheets, stills, world } = values
  const bank = bankSchema.parse({ clips, sheets, stills, seed: values['bank-seed'], world })
  const index = z.coerce.number().int().min(0)
  const start = index.parse(values.start)
  const count = values.count === undefined ? Infinity : index.parse(values.count)
  return { settings, bank, start, count, art: values.art, tokenizer: values.tokenizer }
}

async function main(args: readonly string[]): Promise<void> {
  const { settings, bank, start, count, art, tokenizer } = parseOptions(args)
  const counts = artCounts(await loadArtPack(art))
  const context = await loadPromptContext(tokenizer)
  const world: EpisodeWorld = {
    clips: createClipSource(bank.seed, bank.world, counts, bank.clips),
    sheets: createSheetBank(bank.seed, bank.world, counts, bank),
    stills: createStillSource(bank.seed, bank.world, counts, bank.stills),
    ask: questionMakers,
  }
  const header = {
    stream: 'episodes',
    version: 1,
    tasks: WORLD_TASKS,
    kinds: EPISODE_KINDS,
    vocabulary: context.description.language.vocabularySize,
    tokens_per_picture: TOKENS_PER_PICTURE,
    text_tokens: textTokens(tokenLookup(context.tokenizer)),
    bank: { ...bank, frames: world.sheets.frames + world.stills.count },
    start,
    settings,
  }
  // The trainer is gone: so are we, without a word.
  process.stdout.on('error', () => process.exit(0))
  process.stdout.write(`${JSON.stringify(header)}\n`)
  for (let index = start; index < start + count; index += 1) {
    const record = encodeBatch(makeBatch(index, settings, world, context))
    if (!process.stdout.write(record)) await once(process.stdout, 'drain')
  }
}

await main(process.argv.slice(2))
