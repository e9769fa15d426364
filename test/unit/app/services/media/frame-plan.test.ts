import { describe, expect, it } from 'vitest'
import { nextRun, selectExpression, timeThreshold } from '../../../../../app/services/media/frame-plan'

const wantedFrames = (frames: number[]) => frames.map((frame, index) => ({ frame, index }))
const costs = { startFrames: 40, maxPerRun: 100 }

describe('nextRun', () => {
  it('reads from the start what lies near the start', () => {
    const run = nextRun(wantedFrames([0, 10, 20]), [0, 250, 500], costs)

    expect(run).toEqual({ startFrame: null, wanted: wantedFrames([0, 10, 20]) })
  })

  it('seeks to the first frame when a keyframe lies before it', () => {
    expect(nextRun(wantedFrames([260]), [0, 250], costs).startFrame).toBe(260)
  })

  it('ends where seeking to the next keyframe costs less than decoding on', () => {
    // From 0 to 300: 300 frames to decode on, 40 + 50 by seeking to 250.
    const run = nextRun(wantedFrames([0, 300]), [0, 250], costs)

    expect(run.wanted).toEqual([{ frame: 0, index: 0 }])
  })

  it('goes on where seeking would cost more', () => {
    // From 230 to 260: 30 frames to decode on, 40 + 10 by seeking.
    const run = nextRun(wantedFrames([230, 260]), [0, 250], costs)

    expect(run.wanted.map(({ frame }) => frame)).toEqual([230, 260])
  })

  it('decodes everything in one run without keyframes', () => {
    const run = nextRun(wantedFrames([0, 5000, 90_000]), [], costs)

    expect(run).toMatchObject({
      startFrame: null,
      wanted: [{ frame: 0 }, { frame: 5000 }, { frame: 90_000 }],
    })
  })

  it('takes no more frames than fit one run', () => {
    const run = nextRun(wantedFrames(Array.from({ length: 250 }, (_, i) => i)), [], costs)

    expect(run.wanted.length).toBe(100)
  })
})

describe('selectExpression', () => {
  it('counts thresholds as a balanced tree', () => {
    expect(selectExpression('t', ['0.5', '1.5', '2.5'])).toBe(
      'if(mod(n,10),0,print(n));st(1,if(lt(t,1.5),if(lt(t,0.5),0,1),if(lt(t,2.5),2,3)));st(2,gt(ld(1),ld(0)));st(0,ld(1));ld(2)',
    )
  })

  it('nests no deeper than the logarithm of a thousand frames', () => {
    const expression = selectExpression(
      'n',
      Array.from({ length: 1000 }, (_, i) => String(i * 7)),
    )
    let depth = 0
    let deepest = 0
    for (const character of expression) {
      if (character === '(') depth += 1
      if (character === ')') depth -= 1
      deepest = Math.max(deepest, depth)
    }

    expect(deepest).toBeLessThanOrEqual(13)
    expect(expression.length).toBeLessThan(32_000)
  })
})

describe('timeThreshold', () => {
  it('lies half way between a frame and the one before it', () => {
    expect(timeThreshold([0, 0.04, 0.08], 2, 1.4)).toBe(1.46)
  })

  it('lies before the first frame', () => {
    expect(timeThreshold([0, 0.04], 0, 0)).toBe(-0.5)
  })
})
