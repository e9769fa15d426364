import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError } from '../../contract/errors'

/** The reference tensors of a golden folder, by name. */
export interface GoldenTensors {
  /** null when there is no such entry. */
  float32(name: string): Float32Array | null
  shape(name: string): readonly number[] | null
}

const count = z.number().int().min(0)
const headerSchema = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(count), data_offsets: z.tuple([count, count]) }),
)

const LENGTH_BYTES = 8

/**
 * Reads a golden.safetensors whole: reference sets are a few megabytes, and unlike checkpoints they also hold 64-bit
 * integers, which are left alone. Throws golden_invalid.
 */
export async function readGoldenTensors(file: string): Promise<GoldenTensors> {
  const invalid = (reason: string, cause?: unknown) =>
    new AppError('golden_invalid', `${file}: ${reason}`, { file, reason }, { cause })
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (cause) {
    throw invalid('it cannot be read', cause)
  }
  if (bytes.length < LENGTH_BYTES) throw invalid('it is too short')
  const headerLength = Number(bytes.readBigUInt64LE(0))
  const dataStart = LENGTH_BYTES + headerLength
  if (dataStart > bytes.length) throw invalid('its header reaches beyond the file')
  const entries = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), invalid)
  const entry = (name: string) => entries.get(name) ?? null
  return {
    shape: (name) => entry(name)?.shape ?? null,
    float32: (name) => {
      const found = entry(name)
      if (found === null) return null
      const [start, end] = found.data_offsets
      const length = found.shape.reduce((product, size) => product * size, 1)
      if (found.dtype !== 'F32' || end - start !== length * 4 || dataStart + end > bytes.length) {
        throw invalid(`entry ${name} is not ${length} 32-bit floats inside the file`)
      }
      // Copied: a view would need an offset divisible by four.
      return new Float32Array(Uint8Array.from(bytes.subarray(dataStart + start, dataStart + end)).buffer)
    },
  }
}

function parseHeader(bytes: Buffer, invalid: (reason: string, cause?: unknown) => AppError) {
  try {
    const header = z.record(z.string(), z.unknown()).parse(JSON.parse(bytes.toString('utf8')))
    delete header['__metadata__']
    return new Map(Object.entries(headerSchema.parse(header)))
  } catch (cause) {
    throw invalid('its header is not that of a safetensors file', cause)
  }
}
