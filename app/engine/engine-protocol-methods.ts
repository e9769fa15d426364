import { z } from 'zod'
import { modelDescriptionSchema } from '../domain/model-description'
import type {
  DeviceInfo,
  GenerateParams,
  GenerateResult,
  MemoryEstimate,
  SequenceInput,
  VisionStages,
} from './engine-binding'
import type { EngineInfo, LoadedModel, LoadOptions } from './engine-client-types'

/** Parameters and result of every method of the engine process. Typed arrays are checked by kind and length only. */

const bytes = z.number().min(0)
const path = z.string().min(1)
const sequence = z.int().min(0).max(15)
const threads = z.int().min(1).max(1024)
const nothing = z.void()
const none = z.strictObject({})

// Not z.instanceof: its type would refuse arrays over shared memory, which the addon's types allow.
const anyInt32 = z.custom<Int32Array>((value) => value instanceof Int32Array, 'expected an Int32Array')
const int32 = anyInt32.refine((array) => array.length > 0, 'expected at least one token')
const floats = z.custom<Float32Array>((value) => value instanceof Float32Array, 'expected a Float32Array')
const filledFloats = floats.refine((array) => array.length > 0, 'expected at least one value')
export const byteArray = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected a Uint8Array')
const filledBytes = byteArray.refine((array) => array.length > 0, 'expected at least one byte')

const loadOptions = z.strictObject({
  folder: path,
  description: modelDescriptionSchema,
  contextTokens: z
    .int()
    .min(1)
    .max(2 ** 24),
  threads,
  gpuLayers: z.union([z.literal('auto'), z.int().min(0).max(10_000)]),
  flashAttention: z.boolean(),
  cacheType: z.enum(['f32', 'f16', 'q8_0']),
  maxSequences: z.int().min(1).max(16),
}) satisfies z.ZodType<LoadOptions>

const estimate = z.strictObject({
  modelBytes: bytes,
  keyValueBytes: bytes,
  recurrentBytes: bytes,
  computeBytes: bytes,
  visionBytes: bytes,
  totalBytes: bytes,
}) satisfies z.ZodType<MemoryEstimate>

const loadedModel = z.strictObject({
  contextTokens: z.int().min(1),
  estimate,
  placement: z.string(),
}) satisfies z.ZodType<LoadedModel>

/** Pictures are announced here and follow in `pixels` messages, all parts' pictures one after another. */
const sequencePart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tokens'), tokens: int32 }),
  z.strictObject({ kind: z.literal('images'), count: z.int().min(1).max(100_000) }),
])

const sequenceInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tokens'), tokens: int32 }),
  z.strictObject({ kind: z.literal('embeddings'), embeddings: filledFloats }),
]) satisfies z.ZodType<SequenceInput>

const generateParams = z.strictObject({
  sampling: z.strictObject({
    temperature: z.number().min(0),
    topK: z.int().min(0),
    topP: z.number().min(0).max(1),
    minP: z.number().min(0).max(1),
    repetitionPenalty: z.number().positive(),
    repetitionWindow: z.int().min(0),
    seed: z
      .int()
      .min(0)
      .max(2 ** 32 - 1),
  }),
  maxTokens: z.int().min(1),
  minTokens: z.int().min(0),
  endTokens: anyInt32,
  stopStrings: z.array(z.string().min(1)),
}) satisfies z.ZodType<GenerateParams>

const generateResult = z.strictObject({
  tokens: anyInt32,
  text: z.string(),
  reason: z.enum(['end', 'length', 'stop_string', 'context_full']),
}) satisfies z.ZodType<GenerateResult>

const visionStages = z.strictObject({
  features: floats,
  pooled: floats,
  projected: floats,
}) satisfies z.ZodType<VisionStages>

const tensor = z.strictObject({ shape: z.array(z.int().min(0)), data: floats })
const handles = z.strictObject({
  models: z.int(),
  sessions: z.int(),
  visionTowers: z.int(),
  pendingJobs: z.int(),
})

export const deviceSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  type: z.enum(['cpu', 'gpu', 'igpu', 'accel']),
  memoryFreeBytes: bytes,
  memoryTotalBytes: bytes,
}) satisfies z.ZodType<DeviceInfo>

const info = z.strictObject({
  systemInfo: z.string(),
  devices: z.array(deviceSchema),
}) satisfies z.ZodType<Pick<EngineInfo, 'systemInfo' | 'devices'>>

export const methods = {
  info: { params: none, result: info },
  estimate: { params: loadOptions, result: estimate },
  load: { params: loadOptions, result: loadedModel },
  unload: { params: none, result: nothing },
  append: { params: z.strictObject({ sequence, parts: z.array(sequencePart).min(1) }), result: nothing },
  generate: { params: z.strictObject({ sequence, params: generateParams }), result: generateResult },
  length: { params: z.strictObject({ sequence }), result: z.int().min(0) },
  branch: { params: z.strictObject({ from: sequence, to: sequence }), result: nothing },
  clear: { params: z.strictObject({ sequence }), result: nothing },
  saveState: {
    params: z.strictObject({ sequence, path, key: z.string() }),
    result: z.strictObject({ bytes }),
  },
  loadState: { params: z.strictObject({ sequence, path, key: z.string() }), result: nothing },
  quantize: {
    params: z.strictObject({
      input: path,
      output: path,
      type: z.enum(['f16', 'bf16', 'q8_0', 'q4_k_m']),
      threads,
    }),
    result: nothing,
  },
  pixelValues: { params: z.strictObject({ pixels: filledBytes }), result: floats },
  stagesFromPixelValues: { params: z.strictObject({ pixelValues: filledFloats }), result: visionStages },
  poolAndProject: {
    params: z.strictObject({ features: filledFloats }),
    result: z.strictObject({ pooled: floats, projected: floats }),
  },
  project: { params: z.strictObject({ pooled: filledFloats }), result: floats },
  encode: { params: z.strictObject({ pixels: filledBytes }), result: floats },
  evaluateAll: {
    params: z.strictObject({ input: sequenceInput, tensors: z.array(z.string().min(1)) }),
    result: z.strictObject({ logits: floats, tensors: z.record(z.string(), tensor) }),
  },
  lastLogits: { params: z.strictObject({ sequence }), result: floats },
  appendRaw: {
    params: z.strictObject({ sequence, parts: z.array(sequenceInput).min(1) }),
    result: nothing,
  },
  liveHandles: { params: none, result: handles },
  crash: { params: none, result: nothing },
  hang: { params: z.strictObject({ seconds: z.number().min(0).max(600) }), result: nothing },
  eventLoopDelay: { params: none, result: z.strictObject({ p99Ms: bytes, maxMs: bytes }) },
} as const satisfies Record<string, { params: z.ZodType; result: z.ZodType }>
