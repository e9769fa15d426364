// Draws the short film that ships with the bundled model: still scenes in that model's own small world.
// Usage: node scripts/make-sample-video.mjs [output.mp4]
// Needs ffmpeg and the font "Noto Color Emoji" (Debian: fonts-noto-color-emoji, SIL Open Font License 1.1).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import sharp from 'sharp'

const SIZE = 336
const FRAMES_PER_SECOND = 10
const SECONDS_PER_SCENE = 3

/**
 * Each object: emoji, centre and side in pixels. Drawn in order. Two scenes and no more: the bundled stand-in model is
 * weak over time, and its suggested questions must be ones that it answers correctly.
 * @typedef {{ background: string, objects: [emoji: string, x: number, y: number, side: number][] }} Scene
 * @type {Scene[]}
 */
const scenes = [
  { background: '#2f55d8', objects: [['🦊', 168, 168, 130]] },
  { background: '#ffffff', objects: [['🍌', 168, 168, 130]] },
]

/** One emoji as a picture of its own: pango draws colour fonts, SVG text does not. */
async function sprite(/** @type {string} */ emoji, /** @type {number} */ side) {
  const text = { text: emoji, font: 'Noto Color Emoji', rgba: true, width: 512, height: 512 }
  return await sharp({ text }).resize(side, side, { fit: 'contain', background: '#0000' }).png().toBuffer()
}

async function drawScene(/** @type {Scene} */ { background, objects }) {
  const layers = []
  for (const [emoji, x, y, side] of objects) {
    layers.push({
      input: await sprite(emoji, side),
      left: Math.round(x - side / 2),
      top: Math.round(y - side / 2),
    })
  }
  const canvas = sharp({ create: { width: SIZE, height: SIZE, channels: 3, background } })
  return await canvas.composite(layers).removeAlpha().raw().toBuffer()
}

async function main(/** @type {string} */ output) {
  const ffmpeg = spawn(
    process.env.LONGLENS_FFMPEG ?? 'ffmpeg',
    [
      ...['-y', '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${SIZE}x${SIZE}`],
      ...['-r', String(FRAMES_PER_SECOND), '-i', '-', '-c:v', 'libx264', '-preset', 'slow', '-crf', '20'],
      ...[
        '-pix_fmt',
        'yuv420p',
        '-movflags',
        '+faststart',
        '-fflags',
        '+bitexact',
        '-flags:v',
        '+bitexact',
        output,
      ],
    ],
    { stdio: ['pipe', 'inherit', 'inherit'] },
  )
  for (const scene of scenes) {
    const frame = await drawScene(scene)
    for (let i = 0; i < FRAMES_PER_SECOND * SECONDS_PER_SCENE; i += 1) {
      if (!ffmpeg.stdin.write(frame)) await once(ffmpeg.stdin, 'drain')
    }
  }
  ffmpeg.stdin.end()
  await once(ffmpeg, 'exit')
  if (ffmpeg.exitCode !== 0) throw new Error(`ffmpeg ended with code ${ffmpeg.exitCode ?? 'none'}`)
}

await main(process.argv[2] ?? 'models/longlens-tiny/sample/sample.mp4')
