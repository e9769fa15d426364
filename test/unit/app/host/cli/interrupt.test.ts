import { describe, expect, it } from 'vitest'
import { Interruption, graceMs } from '../../../../../app/host/cli/interrupt'
import { fakeClock } from '../../../../helpers/fake-clock'

describe('graceMs', () => {
  it.for<[number, string[]]>([
    [100, ['ask', 'film.mp4', 'serve']],
    [100, []],
    [100, ['--help']],
    [5000, ['convert', 'folder', '--out', 'model']],
    [3000, ['serve', '--port', '0']],
    [3000, ['--json', 'verify-golden', 'folder']],
  ])('gives %d ms to %j', ([expected, args]) => {
    expect(graceMs(args)).toBe(expected)
  })
})

function world(): { clock: ReturnType<typeof fakeClock>; interruption: Interruption; left: () => number } {
  const clock = fakeClock()
  let left = 0
  const interruption = new Interruption({
    graceMs: 100,
    leave: () => (left += 1),
    after: (ms, callback) => {
      clock.after(ms, callback)
    },
  })
  return { clock, interruption, left: () => left }
}

describe('Interruption', () => {
  it('asks the command to stop first, and leaves when the grace is over', () => {
    const { clock, interruption, left } = world()

    interruption.interrupt()
    expect([interruption.signal.aborted, left()]).toEqual([true, 0])
    clock.advanceSeconds(0.09)
    expect(left()).toBe(0)
    clock.advanceSeconds(0.02)
    expect(left()).toBe(1)
  })

  it('leaves at once when it is asked a second time', () => {
    const { interruption, left } = world()
    interruption.interrupt()
    interruption.interrupt()
    expect(left()).toBe(1)
  })
})
