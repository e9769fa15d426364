const imageExtensions = new Set(
  (
    'jpg jpeg jpe jfif png webp tif tiff avif heic heif bmp dib ' +
    'tga psd exr hdr ppm pgm pbm pam jp2 j2k dds qoi pcx sgi'
  ).split(' '),
)

const videoExtensions = new Set(
  (
    'mp4 m4v mov qt mkv webm avi flv wmv asf mpg mpeg m2v vob ' +
    'ts mts m2ts 3gp 3g2 ogv ogg mxf dv rm rmvb y4m ivf nut ' +
    'gif apng h264 h265 hevc mjpeg mjpg f4v wtv'
  ).split(' '),
)

/** The ending of a name in lower case, without the dot; empty for names that have none or only begin with a dot. */
function endingOf(name: string): string {
  const file = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
  const dot = file.lastIndexOf('.')
  return dot <= 0 ? '' : file.slice(dot + 1).toLowerCase()
}

/** What a file's name promises; null for what is neither. Only for choosing files in folders: the content decides. */
export function kindOfName(path: string): 'video' | 'image' | null {
  const ending = endingOf(path)
  if (imageExtensions.has(ending)) return 'image'
  return videoExtensions.has(ending) ? 'video' : null
}

/** Endings of files that are offered in dialogs, without the dot. */
export function mediaExtensions(): string[] {
  return [...videoExtensions, ...imageExtensions]
}
