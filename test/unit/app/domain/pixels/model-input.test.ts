import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  centreCrop,
  modelInputLayout,
  padColour,
  resizeBicubic,
  squarePad,
  toModelInput,
} from '../../../../../app/domain/pixels/model-input'
import { RowResampler } from '../../../../../app/domain/pixels/resample'
import type { ImageProcessing } from '../../../../../app/domain/model-description'

const clip: ImageProcessing = {
  side: 336,
  aspect: 'pad',
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
}

/** Bytes of a linear congruential generator: the top byte of s ← 1664525 s + 1013904223 mod 2^32. */
function noise(width: number, height: number): Uint8Array {
  let state = width * 1000 + height
  const bytes = new Uint8Array(width * height * 3)
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

/*
 * First 16 digits of SHA-256 of what Pillow 9.4.0 (Debian 12, python3-pil) gives for the same noise `im`:
 * pad:   canvas = Image.new('RGB', (n, n), (122, 116, 104)); canvas.paste(im, (dx, dy)); canvas.resize((336, 336), Image.BICUBIC)
 * crop:  im.resize((336, int(336 * h / w)) or the other way round, Image.BICUBIC).crop((left, top, left + 336, top + 336))
 * small: im.resize((50, 29), Image.BICUBIC)
 */
const recorded: readonly (readonly [number, number, string, string, string])[] = [
  [500, 300, 'c00ac216263e02ae', '2b333431474e3da6', '465fb1fdf8943605'],
  [220, 410, '77eb2453e753a421', '3a51df38fd0daac8', 'f964b8b9b3e35f70'],
  [336, 336, '06367d6b9e9c638b', '06367d6b9e9c638b', '86371a6baf51b40e'],
  [1280, 720, 'c84e2b254e0219e0', '96d8d3d5cce6f455', '7ac0eb4b660bfbbb'],
  [335, 336, '0b5974b5e5775b21', 'e0c72786637ae2b0', '7789ae2bb4f16c1b'],
  [336, 200, 'd7770bdb8db31341', '23c21a96f193f3ea', '583ce0f6fc48ca51'],
  [17, 3, 'd88d6faf81caea98', '726a50c34d903099', '74b0c5b1a91286a3'],
  [1, 1, 'f2ce064a5a1baf88', 'f2ce064a5a1baf88', '3e1efdb30ed03324'],
  [2, 700, '0beb26da2b48c3de', '74b51117c6d13c52', 'a90bf7e78f15ab81'],
  [701, 1, 'a6420691d44c492c', 'f44cb024b732830c', 'fb546e04b24bb3e9'],
  [640, 480, 'cf7eacd877647f80', 'badf93b921130569', 'd8c7f67af7083c7c'],
  [333, 777, '4eaeebcbec475b61', '18e95144e0ffb6d2', '9518b7f5f8698475'],
  [337, 336, 'a2ef7c92b461c556', '1c7cbc444aa4675e', 'fd6d43c4a1fe363c'],
  [1001, 999, 'c1c5aa1ed3cbeec2', 'e6f2817473fc7d08', 'ae2f0f301210762d'],
  [100, 100, '1827bf333b140b5f', '1827bf333b140b5f', '8ea5c76ff1661e40'],
  [41, 672, 'c8a6b8111268639d', 'ad8b2fc6c8e833ab', '8cf71bddc1ad66ee'],
]

describe('toModelInput', () => {
  it.each(recorded)(
    'gives the bytes of Pillow for a picture of %i x %i',
    (width, height, pad, crop, small) => {
      const rgb = noise(width, height)

      expect(sha(toModelInput(rgb, width, height, clip))).toBe(pad)
      expect(sha(toModelInput(rgb, width, height, { ...clip, aspect: 'crop' }))).toBe(crop)
      expect(sha(resizeBicubic(rgb, width, height, 50, 29))).toBe(small)
    },
  )

  it('gives the same bytes when the picture arrives row by row', () => {
    const rgb = noise(500, 300)
    const resampler = new RowResampler(modelInputLayout(500, 300, clip))

    for (let row = 0; row < 300; row++) resampler.push(rgb.subarray(row * 1500, (row + 1) * 1500), 0, 1)

    expect(sha(resampler.finish())).toBe('c00ac216263e02ae')
  })

  it('takes a picture as thin as one pixel and 100000 high without making the rest of it', () => {
    const rgb = new Uint8Array(100_000 * 3).fill(77)

    const input = toModelInput(rgb, 1, 100_000, { ...clip, aspect: 'crop' })

    expect(input.length).toBe(336 * 336 * 3)
    expect(new Set(input)).toEqual(new Set([77]))
  })

  it('leaves a picture that has the right size as it is', () => {
    const rgb = noise(336, 336)

    expect(toModelInput(rgb, 336, 336, clip)).toEqual(rgb)
  })

  it('refuses bytes that do not fit the size', () => {
    expect(() => toModelInput(new Uint8Array(10), 2, 2, clip)).toThrow('expected 2x2x3 bytes, got 10')
  })

  it('refuses to finish before every row has come', () => {
    const resampler = new RowResampler(modelInputLayout(4, 4, clip))
    resampler.push(new Uint8Array(36), 0, 3)

    expect(() => resampler.finish()).toThrow('expected 4 rows, got 3')
    expect(() => {
      resampler.push(new Uint8Array(24), 0, 2)
    }).toThrow('expected 4 rows, got more')
  })
})

describe('squarePad', () => {
  it('puts the extra line at the bottom', () => {
    const padded = squarePad(new Uint8Array([1, 2, 3, 4, 5, 6]), 2, 1, clip.mean)

    expect(Array.from(padded)).toEqual([1, 2, 3, 4, 5, 6, 122, 116, 104, 122, 116, 104])
  })

  it('puts the extra column at the right', () => {
    const padded = squarePad(new Uint8Array([1, 2, 3, 4, 5, 6]), 1, 2, clip.mean)

    expect(Array.from(padded)).toEqual([1, 2, 3, 122, 116, 104, 4, 5, 6, 122, 116, 104])
  })

  it('fills with the mean colour, cut to whole numbers', () => {
    expect(padColour(clip.mean)).toEqual([122, 116, 104])
  })
})

describe('centreCrop', () => {
  it('takes the middle, the odd pixel staying at the bottom and right', () => {
    const grey = (value: number) => [value, value, value]
    const rgb = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8].flatMap(grey))

    expect(Array.from(centreCrop(rgb, 4, 2, 1))).toEqual([2, 2, 2])
    expect(Array.from(centreCrop(rgb, 4, 2, 2))).toEqual([2, 3, 6, 7].flatMap(grey))
  })

  it('refuses a picture that is too small', () => {
    expect(() => centreCrop(new Uint8Array(12), 2, 2, 3)).toThrow('at least 3x3')
  })
})
