import { describe, expect, it } from 'vitest'
import { parseBanner, parseFfprobe, parseRate } from '../../../../../app/services/media/probe-output'

describe('parseRate', () => {
  it.each([
    ['30000/1001', 30000 / 1001],
    ['25/1', 25],
    ['0/0', 0],
    ['', 0],
  ])('reads %j', (text, rate) => {
    expect(parseRate(text)).toBe(rate)
  })
})

describe('parseFfprobe', () => {
  it('takes rotation clockwise, from the matrix or the old tag', () => {
    const stream = {
      index: 0,
      codec_type: 'video',
      codec_name: 'h264',
      width: 320,
      height: 240,
      avg_frame_rate: '25/1',
    }
    const parse = (extra: object) =>
      parseFfprobe(JSON.stringify({ streams: [{ ...stream, ...extra }], format: { format_name: 'mov' } }))
        ?.videos[0]

    expect(parse({ side_data_list: [{}, { rotation: -90 }] })?.rotation).toBe(90)
    expect(parse({ tags: { rotate: '270' } })?.rotation).toBe(270)
    expect(parse({})?.rotation).toBe(0)
  })

  it('takes no rate for the average one where that is missing', () => {
    const stream = { index: 0, codec_type: 'video', avg_frame_rate: '0/0', r_frame_rate: '1000/1' }
    const text = JSON.stringify({ streams: [stream], format: { format_name: 'matroska,webm' } })
    expect(parseFfprobe(text)?.videos[0]?.frameRate).toBe(0)
    const lines = [
      "Input #0, matroska,webm, from 'file:/a.webm':",
      '  Stream #0:0: Video: vp8, yuv420p(tv, progressive), 64x48, SAR 1:1 DAR 4:3, 1k tbr, 1k tbn',
    ]
    expect(parseBanner(lines)?.videos[0]?.frameRate).toBe(0)
  })

  it('falls back to the longest stream where the container says no duration', () => {
    const description = parseFfprobe(
      JSON.stringify({
        streams: [
          { index: 0, duration: '2.5' },
          { index: 1, duration: '3.5' },
        ],
        format: { format_name: 'x' },
      }),
    )

    expect(description?.durationSeconds).toBe(3.5)
  })

  it.each(['', '{}', 'not json', '{"streams":[{"index":-1}],"format":{"format_name":"x"}}'])(
    'gives null for %j',
    (text) => {
      expect(parseFfprobe(text)).toBeNull()
    },
  )
})

describe('parseBanner', () => {
  it('reads what ffmpeg prints about a file', () => {
    const lines = [
      "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:/a/Duration: 99:00:00.0.mp4':",
      '  Duration: 01:02:03.50, start: 1.400000, bitrate: 96 kb/s',
      '  Stream #0:0[0x1](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp, 128 kb/s (default)',
      '  Stream #0:1[0x2](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv), 640x360 [SAR 1:1 DAR 16:9], 96 kb/s, 29.97 fps, 30 tbr, 12800 tbn (default)',
      '      displaymatrix: rotation of -90.00 degrees',
      '  Stream #0:2: Video: mjpeg (Baseline), yuvj420p, 50x50, 24 fps, 90k tbr, 90k tbn (attached pic)',
    ]

    expect(parseBanner(lines)).toEqual({
      container: 'mov,mp4,m4a,3gp,3g2,mj2',
      durationSeconds: 3723.5,
      startSeconds: 1.4,
      hasAudio: true,
      videos: [
        {
          index: 1,
          codec: 'h264',
          width: 640,
          height: 360,
          rotation: 90,
          frameRate: 30000 / 1001,
          frameCount: null,
          isDefault: true,
          isCover: false,
        },
        {
          index: 2,
          codec: 'mjpeg',
          width: 50,
          height: 50,
          rotation: 0,
          frameRate: 24,
          frameCount: null,
          isDefault: false,
          isCover: true,
        },
      ],
    })
  })

  it('gives null when no input was opened', () => {
    expect(parseBanner(['file:/a.mp4: Invalid data found when processing input'])).toBeNull()
  })
})
