import type { TrainingSequence } from './training-sequence'

/**
 * A batch as bytes, little-endian: u32 sequences; of each: u32 n, i16 tokens [n], u8 mask [n], u32 pictures, i32 bank
 * frames, u16 spans, of each: u16 task, u32 start, u32 end.
 */
export function encodeBatch(batch: readonly TrainingSequence[]): Uint8Array {
  const bytes = new Uint8Array(4 + batch.reduce((sum, sequence) => sum + sequenceBytes(sequence), 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  const u16 = (value: number) => {
    view.setUint16(at, value, true)
    at += 2
  }
  const u32 = (value: number) => {
    view.setUint32(at, value, true)
    at += 4
  }
  u32(batch.length)
  for (const { tokens, mask, pictures, spans } of batch) {
    u32(tokens.length)
    for (const token of tokens) {
      view.setInt16(at, token, true)
      at += 2
    }
    bytes.set(mask, at)
    at += mask.length
    u32(pictures.length)
    for (const picture of pictures) {
      view.setInt32(at, picture, true)
      at += 4
    }
    u16(spans.length)
    for (const { task, start, end } of spans) {
      u16(task)
      u32(start)
      u32(end)
    }
  }
  return bytes
}

function sequenceBytes({ tokens, pictures, spans }: TrainingSequence): number {
  return 4 + tokens.length * 3 + 4 + pictures.length * 4 + 2 + spans.length * 10
}
