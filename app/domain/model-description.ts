import { z } from 'zod'

/**
 * What a model folder says of itself, read from the metadata of `language.gguf` and `vision.gguf`. Nothing in
 * the engine or the prompts is special to one model: sizes, templates and defaults all come from here.
 * docs/model-format.md lists the GGUF keys.
 */

/** How pictures become pixel values. LONGLLAVA-FORMAT section 5. */
export const imageProcessingSchema = z.strictObject({
  /** Side of the square model input, pixels. 336 in the official models. */
  side: z.number().int().min(8).max(4096),
  /** `pad`: square with the mean colour, then resize. `crop`: shortest edge, then centre crop. */
  aspect: z.enum(['pad', 'crop']),
  /** Channel means and standard deviations of pixel values in 0…1, RGB. */
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number(), z.number(), z.number()]),
})
export type ImageProcessing = z.infer<typeof imageProcessingSchema>

/**
 * The strings around pictures, frames and turns. Every `before`/`after` may be empty. Pieces between pictures
 * are tokenized one by one (LONGLLAVA-FORMAT section 7).
 */
export const promptTemplateSchema = z.strictObject({
  /** One turn of the person: `userBefore + content + userAfter`. */
  userBefore: z.string(),
  userAfter: z.string(),
  /** Opens the reply; generation starts right after it. */
  assistantBefore: z.string(),
  /** Closes a past reply in the history. */
  assistantAfter: z.string(),
  /** Stands in front of a past reply's text (a model whose replies begin with a space drops it on display). */
  replyBefore: z.string(),
  /** Stands in front of the question when it follows pictures, and when it stands alone. */
  questionBefore: z.string(),
  image: z.strictObject({ before: z.string(), after: z.string(), terminator: z.string() }),
  /**
   * A video: `before`, then every frame as `frameBefore + picture + frameAfter` with its label before or after that,
   * frames joined by `separator`; the last frame is closed by `lastFrameAfter` instead of `frameAfter`; then `after`,
   * then the question.
   */
  video: z.strictObject({
    before: z.string(),
    frameBefore: z.string(),
    frameAfter: z.string(),
    lastFrameAfter: z.string(),
    separator: z.string(),
    after: z.string(),
    /** Written at each frame: nothing, or its timecode as MM:SS. */
    label: z.enum(['none', 'mm:ss']),
    /** Where the label stands. Absent in files written before there was a choice: after the frame. */
    labelPlace: z.enum(['before', 'after']).default('after'),
  }),
  /**
   * A picture with its tiles: `before + whole + wholeAfter`, rows joined by `rowSeparator`, each tile
   * `tileBefore + picture + tileAfter`, then `after`, then the image's terminator.
   */
  tiles: z.strictObject({
    before: z.string(),
    wholeAfter: z.string(),
    tileBefore: z.string(),
    tileAfter: z.string(),
    rowSeparator: z.string(),
    after: z.string(),
  }),
})
export type PromptTemplate = z.infer<typeof promptTemplateSchema>

export const samplingDefaultsSchema = z.strictObject({
  /** 0 means greedy. */
  temperature: z.number().min(0).max(10),
  topK: z.number().int().min(0),
  topP: z.number().min(0).max(1),
  minP: z.number().min(0).max(1),
  repetitionPenalty: z.number().min(0.1).max(10),
  maxTokens: z.number().int().min(1),
})
export type SamplingDefaults = z.infer<typeof samplingDefaultsSchema>

export const modelDescriptionSchema = z.strictObject({
  name: z.string(),
  license: z.string(),
  /** One or two sentences for people: what it can do, what it cannot. */
  about: z.string(),
  /** What the program offers with it. */
  abilities: z.array(z.enum(['image', 'images', 'video', 'tiles', 'turns'])),
  language: z.strictObject({
    architecture: z.literal('jamba'),
    nLayers: z.number().int().min(1),
    embeddingLength: z.number().int().min(1),
    vocabularySize: z.number().int().min(1),
    /** Longest context the model was made for, tokens. */
    contextLength: z.number().int().min(1),
    /** Key/value heads by layer; 0 marks a Mamba layer. */
    kvHeads: z.array(z.number().int().min(0)),
    endTokens: z.array(z.number().int().min(0)),
    /** The first generated token may not be an end token (LONGLLAVA-FORMAT section 9, min_new_tokens 1). */
    minTokens: z.number().int().min(0),
  }),
  vision: z.strictObject({
    /** Tokens per picture after pooling, e.g. 144. */
    tokensPerImage: z.number().int().min(1),
    image: imageProcessingSchema,
  }),
  /** Frame sampling the model was trained with (LONGLLAVA-FORMAT section 7, frames). */
  video: z.strictObject({
    intervalSeconds: z.number().positive(),
    maxFrames: z.number().int().min(1),
  }),
  prompt: promptTemplateSchema,
  sampling: samplingDefaultsSchema,
})
export type ModelDescription = z.infer<typeof modelDescriptionSchema>

/** File names of a model folder (DESIGN, "The model"). */
export const LANGUAGE_FILE = 'language.gguf'
export const VISION_FILE = 'vision.gguf'
/** The model card, in Markdown; optional. */
export const CARD_FILE = 'README.md'
