/**
 * Demuxers that ffmpeg may use. Playlists, scripts and image sequences are left out: they make ffmpeg open other files
 * than the one that was chosen. Sound formats are in, so that a sound file is told from a damaged one.
 */
const demuxers = [
  ...[
    'mov',
    'mp4',
    'm4a',
    '3gp',
    '3g2',
    'mj2',
    'matroska',
    'webm',
    'avi',
    'flv',
    'live_flv',
    'mpegts',
    'mpeg',
  ],
  ...[
    'mpegvideo',
    'h264',
    'hevc',
    'vvc',
    'm4v',
    'vc1',
    'obu',
    'av1',
    'ivf',
    'ogg',
    'asf',
    'mxf',
    'nut',
    'dv',
    'rm',
  ],
  ...[
    'swf',
    'wtv',
    'yuv4mpegpipe',
    'mjpeg',
    'mjpeg_2000',
    'gxf',
    'nsv',
    'bink',
    'smk',
    'roq',
    'flic',
    'gif',
    'apng',
  ],
  ...[
    'bmp',
    'dds',
    'dpx',
    'exr',
    'gem',
    'hdr',
    'j2k',
    'jpeg',
    'jpegls',
    'jpegxl',
    'pam',
    'pbm',
    'pcx',
    'pfm',
  ].map((name) => `${name}_pipe`),
  ...[
    'pgm',
    'pgmyuv',
    'pictor',
    'png',
    'ppm',
    'psd',
    'qdraw',
    'qoi',
    'sgi',
    'sunrast',
    'tiff',
    'vbn',
    'webp',
  ].map((name) => `${name}_pipe`),
  ...['xbm', 'xpm', 'xwd', 'phm', 'photocd', 'cri'].map((name) => `${name}_pipe`),
  ...[
    'mp3',
    'wav',
    'w64',
    'flac',
    'aac',
    'ac3',
    'eac3',
    'aiff',
    'amr',
    'ape',
    'caf',
    'dts',
    'tta',
    'wv',
    'au',
  ],
]

/** How every file is opened: only itself, only as media. */
export const inputGuards: readonly string[] = [
  '-protocol_whitelist',
  'file,pipe',
  '-format_whitelist',
  demuxers.join(','),
]

/** Formats whose magic number says what a file is. The first bytes decide, never the name. */
export type Magic = 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' | 'heif' | 'video' | 'text' | 'unknown'

const heifBrands = new Set(['avif', 'avis', 'heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'])

function startsWith(head: Buffer, text: string, at = 0): boolean {
  return head.toString('latin1', at, at + text.length) === text
}

function isTiff(head: Buffer): boolean {
  return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((magic) => startsWith(head, magic))
}

function isVideo(head: Buffer): boolean {
  const boxes = ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'pnot']
  return (
    boxes.some((box) => startsWith(head, box, 4)) ||
    startsWith(head, '\x1aE\xdf\xa3') ||
    startsWith(head, '\x30\x26\xb2\x75') ||
    startsWith(head, 'FLV\x01') ||
    startsWith(head, 'OggS') ||
    startsWith(head, '\0\0\x01\xba') ||
    (startsWith(head, 'RIFF') && startsWith(head, 'AVI ', 8))
  )
}

/** Bytes that text in ASCII, Latin or UTF-8 does not hold: control characters other than white space and escape. */
function looksLikeText(head: Buffer): boolean {
  return head.every((byte) => byte >= 32 || (byte >= 8 && byte <= 13) || byte === 27)
}

/** head: the first bytes of a file, at most 512 and at least one. */
export function magicOf(head: Buffer): Magic {
  if (startsWith(head, '\xff\xd8\xff')) return 'jpeg'
  if (startsWith(head, '\x89PNG\r\n\x1a\n')) return 'png'
  if (startsWith(head, 'GIF87a') || startsWith(head, 'GIF89a')) return 'gif'
  if (startsWith(head, 'RIFF') && startsWith(head, 'WEBP', 8)) return 'webp'
  if (isTiff(head)) return 'tiff'
  if (startsWith(head, 'ftyp', 4) && heifBrands.has(head.toString('latin1', 8, 12))) return 'heif'
  if (isVideo(head)) return 'video'
  return looksLikeText(head) ? 'text' : 'unknown'
}
