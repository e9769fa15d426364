import sharp, { type Metadata, type Sharp } from 'sharp'
import { AppError } from '../../contract/errors'
import { damaged, unsupported } from './file-identity'
import { shownPath } from './file-path'
import { withSafePath } from './safe-path'

// A file may change between two readings; and pictures are each read once.
sharp.cache(false)

/** More than this is taken for nonsense in a header: the largest scans of slides have about 4 gigapixels. */
export const MAX_IMAGE_PIXELS = 4_000_000_000

/**
 * Whether a colour profile is (a variant of) sRGB. Its pixels are then taken as stored, as the official code does:
 * converting sRGB to sRGB would still change a byte here and there. Other profiles are converted, so that a photograph in
 * Display P3 or Adobe RGB keeps its colours. `desc` holds the name in ASCII or UTF-16.
 */
function isSrgbProfile(profile: Buffer): boolean {
  return profile.includes('sRGB') || profile.includes(Buffer.from('s\0R\0G\0B').subarray(0, 7))
}

/** Turns what sharp throws into an `AppError` for this file. */
export function toImageError(thrown: unknown, path: string): unknown {
  if (!(thrown instanceof Error) || thrown instanceof AppError) return thrown
  const { message } = thrown
  if (/Input file is missing|No such file/i.test(message)) {
    const file = shownPath(path)
    return new AppError(
      'media_not_found',
      `${file} went missing while it was opened`,
      { file },
      { cause: thrown },
    )
  }
  if (/not been built in|compression format|plugin|Unsupported (?:feature|codec)/i.test(message)) {
    return unsupported(path, 'its kind of compression cannot be decoded here', thrown)
  }
  if (/premature|truncated|unexpected end|end of file|not enough|read gave|EOF/i.test(message)) {
    return damaged(path, 'its end is missing', thrown)
  }
  return damaged(path, 'its pixels cannot be decoded', thrown)
}

export interface OpenedImage {
  readonly metadata: Metadata
  /** Size of the page after orientation. */
  readonly width: number
  readonly height: number
  /** EXIF orientation, 1…8. */
  readonly orientation: number
  /** The page as 8-bit RGB after orientation. A fresh pipeline on each call. */
  readonly rgb: () => Sharp
  /** The page as 8-bit RGB, as stored: alpha dropped, not blended. A fresh pipeline on each call. */
  readonly stored: () => Sharp
}

function checkSize(path: string, width: number, height: number): void {
  if (width * height > MAX_IMAGE_PIXELS) {
    throw unsupported(path, `${width} x ${height} pixels are more than can be read`)
  }
}

/**
 * Opens one page of a picture with sharp; nothing is decoded yet. The path of `use`'s picture is valid during the call.
 * throws: media_not_found, media_unsupported, media_damaged.
 */
export async function withImage<T>(
  path: string,
  page: number,
  use: (image: OpenedImage) => Promise<T>,
): Promise<T> {
  return await withSafePath(path, async (safePath) => {
    // Broken pixels fail the picture (`error`); a harmless oddity in a header, which the level above would refuse, does
    // not.
    const options = { page, failOn: 'error', limitInputPixels: false } as const
    try {
      const metadata = await sharp(safePath, options).metadata()
      const turned = (metadata.orientation ?? 1) >= 5
      const storedHeight = metadata.pageHeight ?? metadata.height
      const width = turned ? storedHeight : metadata.width
      const height = turned ? metadata.width : storedHeight
      checkSize(path, width, height)
      const ignoreIcc = metadata.space !== 'cmyk' && metadata.icc !== undefined && isSrgbProfile(metadata.icc)
      const stored = () =>
        sharp(safePath, { ...options, ignoreIcc })
          .toColourspace('srgb')
          .removeAlpha()
      const orientation = metadata.orientation ?? 1
      return await use({ metadata, width, height, orientation, stored, rgb: () => stored().autoOrient() })
    } catch (thrown) {
      throw toImageError(thrown, path)
    }
  })
}
