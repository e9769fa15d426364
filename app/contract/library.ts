import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { base } from './base'
import { keptFailureSchema } from './error-map'

export const itemIdSchema = z.string().regex(/^[a-z0-9]{8,32}$/)

/** One thing in the library. Sizes are after rotation; times in seconds. */
export const libraryItemSchema = z.strictObject({
  id: itemIdSchema,
  kind: z.enum(['video', 'image', 'folder']),
  name: z.string(),
  /** Where it is on the machine that runs the services. */
  path: z.string(),
  addedAt: z.iso.datetime(),
  sizeBytes: z.number().int().min(0),
  width: z.number().int().min(0),
  height: z.number().int().min(0),
  /** 0 for images. */
  durationSeconds: z.number().min(0),
  /** Average frames per second; 0 for images. */
  frameRate: z.number().min(0),
  hasAudio: z.boolean(),
  /** Pages of an image file, 1 for videos. */
  pages: z.number().int().min(1),
  /** Pictures and videos in a folder, else 0. */
  entries: z.number().int().min(0),
  /** True when the browser is likely to play the file itself; otherwise exact frames are asked for one by one. */
  playable: z.boolean(),
  /** Bundled with the program rather than added by the person. */
  sample: z.boolean(),
  suggestedQuestions: z.array(z.string()),
  /** Set when the file went missing or cannot be read any more. */
  problem: keptFailureSchema.nullable(),
})
export type LibraryItem = z.infer<typeof libraryItemSchema>

export const folderEntrySchema = z.strictObject({
  /** Position in the folder's natural order, from 0. */
  index: z.number().int().min(0),
  name: z.string(),
  kind: z.enum(['video', 'image']),
})
export type FolderEntry = z.infer<typeof folderEntrySchema>

/** What is bundled to try the program with: a film, a large picture to be read in tiles, pictures to compare. */
export const sampleKindSchema = z.enum(['film', 'picture', 'set'])
export type SampleKind = z.infer<typeof sampleKindSchema>

/** Offers a bundled sample. */
export const sampleSchema = z.strictObject({
  kind: sampleKindSchema,
  title: z.string(),
  /** One sentence. */
  about: z.string(),
  /** A small picture as a data URL: it is no library item yet, and so has no address of its own. */
  icon: z.string().startsWith('data:image/webp;base64,').nullable(),
})
export type Sample = z.infer<typeof sampleSchema>

/** Progress of adding; the items that were added come one by one and are already saved when they come. */
export const addEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('counted'), files: z.number().int() }),
  z.strictObject({ kind: z.literal('added'), item: libraryItemSchema }),
  z.strictObject({ kind: z.literal('refused'), path: z.string(), failure: keptFailureSchema }),
])
export type AddEvent = z.infer<typeof addEventSchema>

const paths = z.array(z.string().min(1).max(32_768)).min(1).max(10_000)

/**
 * Media reach the window by URL, relative to the host's media root (`/media/` of the page's origin, `longlens://app` in Electron):
 * `<id>/source` (Range), `<id>/thumbnail?width=W[&entry=N]`, `<id>/frame?seconds=S[&width=W]`,
 * `<id>/page?page=P[&width=W]`, `<id>/entry/N/source`. Only items of the library are served.
 */
export const library = {
  list: base.output(z.array(libraryItemSchema)),
  /** What adding these would add, without adding: shown while dropping. */
  count: base
    .input(z.strictObject({ paths }))
    .output(
      z.strictObject({ images: z.number().int(), videos: z.number().int(), folders: z.number().int() }),
    ),
  add: base.input(z.strictObject({ paths })).output(eventIterator(addEventSchema)),
  /** In the order in which they are offered; empty when none are bundled. */
  samples: base.output(z.array(sampleSchema)),
  /** A set of pictures becomes a folder item. */
  addSample: base.input(z.strictObject({ kind: sampleKindSchema })).output(libraryItemSchema),
  remove: base.input(z.strictObject({ id: itemIdSchema })).output(z.void()),
  /** Undoes `remove`. */
  restore: base.input(z.strictObject({ id: itemIdSchema })).output(libraryItemSchema),
  folderEntries: base
    .input(
      z.strictObject({
        id: itemIdSchema,
        offset: z.number().int().min(0),
        limit: z.number().int().min(1).max(1000),
      }),
    )
    .output(z.array(folderEntrySchema)),
  /** Times (seconds) of the frames that the model would be given of a video, for the timeline's ticks. */
  plannedFrames: base
    .input(
      z.strictObject({
        id: itemIdSchema,
        range: z.strictObject({ start: z.number().min(0), end: z.number().positive() }).nullable(),
      }),
    )
    .output(z.array(z.number())),
}
