import { open, rm, statfs, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { AppError } from '../../contract/errors'
import { damaged } from './file-identity'
import { shownPath } from './file-path'
import { withImage, type OpenedImage } from './open-image'

/** The pixels of a decoded picture, wherever they are kept. 8-bit RGB. */
export interface PixelSource {
  readonly width: number
  readonly height: number
  /** Rows are best read in strips of about this many bytes. */
  readonly stripBytes: number
  /** A rectangle inside of the picture, [height, width, 3]. */
  readRegion(left: number, top: number, width: number, height: number): Promise<Uint8Array>
  /** All pixels, handed over (the source is empty afterwards), or null when they are not in memory. */
  takeAll(): Uint8Array | null
  close(): Promise<void>
}

/** Pictures up to this many pixels are decoded into memory (96 MB); larger ones into a temporary file. */
const MEMORY_PIXELS = 32_000_000
/** Bytes before the pixels in libvips' own format. */
const VIPS_HEADER_BYTES = 64

export class MemoryPixels implements PixelSource {
  readonly stripBytes = 1 << 20
  readonly width: number
  readonly height: number
  private rgb: Uint8Array

  constructor(rgb: Uint8Array, width: number, height: number) {
    this.rgb = rgb
    this.width = width
    this.height = height
  }

  readRegion(left: number, top: number, width: number, height: number): Promise<Uint8Array> {
    if (width === this.width) {
      return Promise.resolve(this.rgb.subarray(top * width * 3, (top + height) * width * 3))
    }
    const region = new Uint8Array(width * height * 3)
    for (let row = 0; row < height; row++) {
      const from = ((top + row) * this.width + left) * 3
      region.set(this.rgb.subarray(from, from + width * 3), row * width * 3)
    }
    return Promise.resolve(region)
  }

  takeAll(): Uint8Array {
    const all = this.rgb
    this.rgb = new Uint8Array(0)
    return all
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** The rectangle of the stored picture that a rectangle of the upright one comes from. */
interface Stored {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

class FilePixels implements PixelSource {
  readonly width: number
  readonly height: number
  readonly stripBytes: number
  private readonly file: FileHandle
  private readonly storedWidth: number
  private readonly storedHeight: number
  private readonly orientation: number

  constructor(file: FileHandle, storedWidth: number, storedHeight: number, orientation: number) {
    const turned = orientation >= 5
    this.file = file
    this.storedWidth = storedWidth
    this.storedHeight = storedHeight
    this.orientation = orientation
    this.width = turned ? storedHeight : storedWidth
    this.height = turned ? storedWidth : storedHeight
    // Rows of a turned picture are columns of the file, read piece by piece: many at once, or there are too many pieces.
    this.stripBytes = turned ? 32 << 20 : 1 << 20
  }

  async readRegion(left: number, top: number, width: number, height: number): Promise<Uint8Array> {
    const [x0, y0] = this.toStored(left, top)
    const [x1, y1] = this.toStored(left + width - 1, top + height - 1)
    const stored: Stored = {
      left: Math.min(x0, x1),
      top: Math.min(y0, y1),
      width: Math.abs(x1 - x0) + 1,
      height: Math.abs(y1 - y0) + 1,
    }
    const pixels = await this.readStored(stored)
    if (this.orientation === 1) return pixels
    const region = new Uint8Array(width * height * 3)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [sx, sy] = this.toStored(left + x, top + y)
        const from = ((sy - stored.top) * stored.width + sx - stored.left) * 3
        const to = (y * width + x) * 3
        region[to] = pixels[from] ?? 0
        region[to + 1] = pixels[from + 1] ?? 0
        region[to + 2] = pixels[from + 2] ?? 0
      }
    }
    return region
  }

  takeAll(): null {
    return null
  }

  async close(): Promise<void> {
    await this.file.close()
  }

  /** Where a pixel of the upright picture is stored, by the definition of EXIF orientation. */
  private toStored(x: number, y: number): readonly [number, number] {
    const right = this.storedWidth - 1
    const bottom = this.storedHeight - 1
    switch (this.orientation) {
      case 2:
        return [right - x, y]
      case 3:
        return [right - x, bottom - y]
      case 4:
        return [x, bottom - y]
      case 5:
        return [y, x]
      case 6:
        return [y, bottom - x]
      case 7:
        return [right - y, bottom - x]
      case 8:
        return [right - y, x]
      default:
        return [x, y]
    }
  }

  private async readStored({ left, top, width, height }: Stored): Promise<Uint8Array> {
    const region = new Uint8Array(width * height * 3)
    // Whole rows lie in one piece.
    const pieces = width === this.storedWidth ? 1 : height
    const length = region.length / pieces
    for (let piece = 0; piece < pieces; piece++) {
      const position = VIPS_HEADER_BYTES + ((top + piece) * this.storedWidth + left) * 3
      const { bytesRead } = await this.file.read(region, piece * length, length, position)
      if (bytesRead !== length) throw new Error(`expected ${length} bytes of pixels, got ${bytesRead}`)
    }
    return region
  }
}

async function decodeToMemory(image: OpenedImage): Promise<PixelSource> {
  const { data, info } = await image.rgb().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  return new MemoryPixels(threeChannels(data, info.channels), info.width, info.height)
}

/** libvips keeps some greyscale pictures at one channel. */
function threeChannels(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return data
  const rgb = new Uint8Array((data.length / channels) * 3)
  for (let i = 0; i < rgb.length; i++) rgb[i] = data[Math.floor(i / 3) * channels] ?? 0
  return rgb
}

async function checkFreeSpace(folder: string, path: string, needBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (freeBytes > needBytes * 1.1) return
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`
  throw new AppError(
    'disk_full',
    `unpacking ${shownPath(path)} takes ${needBytes} bytes, ${freeBytes} are free`,
    {
      need: megabytes(needBytes),
      free: megabytes(freeBytes),
      file: folder,
    },
  )
}

/** libvips writes its own format row by row, so that memory stays small whatever the picture's size. */
async function decodeToFile(path: string, image: OpenedImage): Promise<PixelSource> {
  const folder = tmpdir()
  await checkFreeSpace(folder, path, image.width * image.height * 3)
  const name = join(folder, `longlens-pixels-${randomBytes(8).toString('hex')}.v`)
  try {
    const { width, height, channels } = await image.stored().toFile(name)
    if (channels !== 3) throw damaged(path, 'its colours are of a kind that is not known')
    return new FilePixels(await open(name, 'r'), width, height, image.orientation)
  } finally {
    // Gone from the folder at once: an open file stays readable, and nothing is left behind even by a crash.
    await rm(name, { force: true })
  }
}

export interface PixelSourceOptions {
  /** Larger pictures go to a file; smaller in tests. */
  readonly memoryPixels?: number
}

/**
 * Decodes a page of a picture: EXIF orientation applied, alpha dropped, every kind of colour as RGB. Close it.
 * throws: media_not_found, media_unsupported, media_damaged, disk_full.
 */
export async function openPixels(
  path: string,
  page: number,
  { memoryPixels = MEMORY_PIXELS }: PixelSourceOptions = {},
): Promise<PixelSource> {
  return await withImage(path, page, async (image) =>
    image.width * image.height <= memoryPixels
      ? await decodeToMemory(image)
      : await decodeToFile(path, image),
  )
}
