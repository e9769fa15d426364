import { describe, expect, it } from 'vitest'
import { EventQueue } from '../../../../app/services/event-queue'
import { collect } from '../../../helpers/collect'

describe('EventQueue', () => {
  it('delivers in order, to readers that wait and to those that come later', async () => {
    const queue = new EventQueue<number>({})
    const first = queue.next()
    queue.push(1)
    queue.push(2)
    queue.end()
    queue.push(3)
    expect(await first).toEqual({ done: false, value: 1 })
    expect(await collect(queue)).toEqual([2])
  })

  it('folds what waits, as told', async () => {
    const queue = new EventQueue<number>({
      merge: (last, next) => (last % 10 === next % 10 ? next : undefined),
    })
    for (const event of [1, 11, 2, 12, 22, 1]) queue.push(event)
    queue.end()
    expect(await collect(queue)).toEqual([11, 22, 1])
  })

  it('tells an error after what waits, once', async () => {
    const queue = new EventQueue<number>({})
    queue.push(1)
    queue.fail(new Error('broken'))
    expect(await queue.next()).toEqual({ done: false, value: 1 })
    await expect(queue.next()).rejects.toThrow('broken')
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('rejects a reader that waits for more', async () => {
    const queue = new EventQueue<number>({})
    const waiting = queue.next()
    queue.fail(new Error('broken'))
    await expect(waiting).rejects.toThrow('broken')
  })

  it('drops what waits when its reader leaves or is cancelled, and says so once', async () => {
    let ends = 0
    const stop = new AbortController()
    const queue = new EventQueue<number>({ signal: stop.signal, onEnd: () => (ends += 1) })
    queue.push(1)
    stop.abort()
    await queue.return()
    expect(await queue.next()).toEqual({ done: true, value: undefined })
    expect(ends).toBe(1)
    expect(new EventQueue<number>({ signal: AbortSignal.abort() }).isEnded).toBe(true)
  })
})
