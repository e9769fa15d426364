import { expect, it } from 'vitest'
import { Queue } from '../../../../../app/services/ask/queue'

function pending() {
  let finish = (): void => undefined
  const promise = new Promise<void>((resolve) => {
    finish = resolve
  })
  return { promise, finish }
}

it('runs jobs one after the other in the order they came', async () => {
  const queue = new Queue()
  const gate = pending()
  const seen: string[] = []
  const first = queue.run(async () => {
    await gate.promise
    seen.push('first')
  })
  const second = queue.run(() => Promise.resolve(seen.push('second')))
  gate.finish()
  await Promise.all([first, second])

  expect(seen).toEqual(['first', 'second'])
})

it('goes on after a job that failed', async () => {
  const queue = new Queue()
  const failed = queue.run(() => Promise.reject(new Error('broken')))

  await expect(failed).rejects.toThrow('broken')
  await expect(queue.run(() => Promise.resolve(7))).resolves.toBe(7)
})

it('lets a waiting job leave at once, and never starts it', async () => {
  const queue = new Queue()
  const gate = pending()
  const cancel = new AbortController()
  const seen: string[] = []
  const first = queue.run(() => gate.promise)
  const left = queue.run(() => Promise.resolve(seen.push('left')), cancel.signal)
  const third = queue.run(() => Promise.resolve(seen.push('third')))
  cancel.abort()

  await expect(left).rejects.toMatchObject({ code: 'cancelled' })
  expect(seen).toEqual([])
  gate.finish()
  await Promise.all([first, third])
  expect(seen).toEqual(['third'])
})
