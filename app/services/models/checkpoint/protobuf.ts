/**
 * Just enough of the protocol buffer wire format to read a SentencePiece model: a flat walk over the fields of one
 * message. Nothing is allocated from a length before it was compared with the bytes that are there.
 */

export type ProtobufValue =
  /** Wire type 0. Below 2^53: larger ones are refused. */
  | { readonly kind: 'varint'; readonly value: number }
  /** Wire type 2: bytes, text, or a message. A view, not a copy. */
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  /** Wire type 5, as a float. */
  | { readonly kind: 'float'; readonly value: number }
  /** Wire type 1; no field that is read here has it. */
  | { readonly kind: 'fixed64' }

/** Thrown for bytes that are no valid message; the caller names the file. */
export class ProtobufError extends Error {}

class Cursor {
  at = 0
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  take(count: number): number {
    const start = this.at
    if (count > this.bytes.length - start) throw new ProtobufError(`a field ends beyond its message, at byte ${start}`)
    this.at = start + count
    return start
  }

  varint(): number {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.take(1)] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(BigInt.asUintN(64, value))
    }
    throw new ProtobufError(`a number has more than ten bytes, at byte ${this.at}`)
  }
}

/** The fields of a message in the order they are written, with their numbers. */
export function* protobufFields(bytes: Uint8Array): Generator<readonly [number, ProtobufValue]> {
  const cursor = new Cursor(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  while (cursor.at < bytes.length) {
    const tag = cursor.varint()
    const field = Math.floor(tag / 8)
    if (field === 0) throw new ProtobufError(`a field has the number 0, at byte ${cursor.at}`)
    switch (tag % 8) {
      case 0:
        yield [field, { kind: 'varint', value: cursor.varint() }]
        break
      case 1:
        cursor.take(8)
        yield [field, { kind: 'fixed64' }]
        break
      case 2: {
        const length = cursor.varint()
        const start = cursor.take(length)
        yield [field, { kind: 'bytes', value: bytes.subarray(start, start + length) }]
        break
      }
      case 5:
        yield [field, { kind: 'float', value: view.getFloat32(cursor.take(4), true) }]
        break
      default:
        throw new ProtobufError(`a field has the unknown kind ${tag % 8}, at byte ${cursor.at}`)
    }
  }
}
