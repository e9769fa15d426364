import { AppError } from '../../contract/errors'

/** Runs jobs one after the other, in the order they came. A job that is cancelled while it waits never starts. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve()

  async run<Result>(job: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const before = this.tail
    let finish = (): void => undefined
    this.tail = new Promise<void>((resolve) => {
      finish = resolve
    })
    try {
      await orCancelled(before, signal)
      return await job()
    } finally {
      // The next job waits for the ones before this one too, also when this one left the queue early.
      void before.then(finish)
    }
  }
}

async function orCancelled(waiting: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) {
    await waiting
    return
  }
  let leave = (): void => undefined
  const cancelled = new Promise<never>((_, reject) => {
    leave = () => {
      reject(new AppError('cancelled', 'stopped while waiting for an earlier question'))
    }
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    await Promise.race([waiting, cancelled])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
