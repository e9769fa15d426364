import { z } from 'zod'
import { AppError, errorCodes, type ErrorCode } from '../contract/errors'
import { byteArray, deviceSchema, type methods } from './engine-protocol-methods'

/**
 * Messages between the engine process and its owner. They travel by structured clone (`fork` with advanced
 * serialization, Electron's `utilityProcess`), so typed arrays cross as they are. Both sides parse every message;
 * unknown keys are refused, and the error names the path.
 */

export { methods } from './engine-protocol-methods'
export type EngineMethod = keyof typeof methods
export type MethodParams<M extends EngineMethod> = z.infer<(typeof methods)[M]['params']>
export type MethodResult<M extends EngineMethod> = z.infer<(typeof methods)[M]['result']>

/** Pictures that travel together, which is also how many the vision tower encodes in one graph. */
export const BATCH_IMAGES = 8
/** Batches of pictures on their way that the engine has not begun to encode. Bounds the memory of both sides. */
export const PIXEL_WINDOW = 2

const callId = z.int().min(1)

export const variantSchema = z.enum(['cpu', 'cuda', 'vulkan', 'metal'])

const startSchema = z.strictObject({
  type: z.literal('start'),
  /** Absolute path of longlens.node. */
  addonPath: z.string().min(1),
  variant: variantSchema,
  libraries: z.strictObject({
    folder: z.string().min(1),
    libraries: z.array(z.string().min(1)),
    backends: z.array(z.string().min(1)),
  }),
})
export type StartMessage = z.infer<typeof startSchema>

export const ownerMessageSchema = z.discriminatedUnion('type', [
  startSchema,
  z.strictObject({ type: z.literal('request'), id: callId, method: z.string(), params: z.unknown() }),
  z.strictObject({ type: z.literal('cancel'), id: callId }),
  /** The next pictures of a running `append`, RGB bytes of `count` pictures. */
  z.strictObject({
    type: z.literal('pixels'),
    id: callId,
    count: z.int().min(1).max(BATCH_IMAGES),
    pixels: byteArray,
  }),
  z.strictObject({ type: z.literal('stop') }),
])
export type OwnerMessage = z.infer<typeof ownerMessageSchema>

const helloSchema = z.strictObject({
  type: z.literal('hello'),
  variant: variantSchema,
  systemInfo: z.string(),
  devices: z.array(deviceSchema),
  failedBackends: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  /** Only from a probe: libraries outside the package that this variant needs and that cannot be opened. */
  missing: z.array(z.strictObject({ library: z.string(), purpose: z.string(), reason: z.string() })),
})
export type HelloMessage = z.infer<typeof helloSchema>

const wireErrorSchema = z.strictObject({
  code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type WireError = z.infer<typeof wireErrorSchema>

const tokenCount = z.int().min(0)
export const callEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fraction'), fraction: z.number().min(0).max(1) }),
  z.strictObject({
    kind: z.literal('append'),
    stage: z.enum(['encode', 'prefill']),
    done: tokenCount,
    total: tokenCount,
  }),
  z.strictObject({ kind: z.literal('text'), text: z.string(), tokensSoFar: tokenCount }),
  /** The engine took one `pixels` message in hand; another may be sent. */
  z.strictObject({ kind: z.literal('pixelsTaken') }),
])
export type CallEvent = z.infer<typeof callEventSchema>

export const engineMessageSchema = z.discriminatedUnion('type', [
  helloSchema,
  /** The process cannot serve: it exits after this, and starting it again would not help. */
  z.strictObject({ type: z.literal('startFailed'), error: wireErrorSchema }),
  z.strictObject({ type: z.literal('reply'), id: callId, ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ type: z.literal('failure'), id: callId, error: wireErrorSchema }),
  z.strictObject({ type: z.literal('event'), id: callId, event: callEventSchema }),
  z.strictObject({ type: z.literal('heartbeat') }),
  z.strictObject({
    type: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    text: z.string(),
  }),
])
export type EngineMessage = z.infer<typeof engineMessageSchema>

export function toWireError(error: AppError): WireError {
  return { code: error.code, message: error.message, details: { ...error.details } }
}

export function fromWireError(error: WireError): AppError {
  return new AppError(error.code, error.message, error.details)
}

/**
 * Parses a value from the other process. Throws `invalid_input` whose message names the path, e.g.
 * `engine.append.sequence: Too small: expected number to be >=0`.
 */
export function parseMessage<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  name: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = [name, ...(issue?.path ?? [])].map(String).join('.')
  const reason = `${path}: ${issue?.message ?? 'not understood'}`
  throw new AppError('invalid_input', reason, { reason })
}
