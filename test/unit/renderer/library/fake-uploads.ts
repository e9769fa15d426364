import { vi } from 'vitest'

/** A request that sends a file, answered by the test. */
export class FakeUpload extends EventTarget {
  readonly upload = new EventTarget()
  status = 0
  responseText = ''
  isAborted = false

  open(): void {}

  send(): void {}

  abort(): void {
    this.isAborted = true
    this.end('abort')
  }

  arrive(path: string): void {
    this.answer(201, { path })
  }

  refuse(code: string, details: Readonly<Record<string, string>>): void {
    this.answer(409, { code, details })
  }

  private answer(status: number, body: unknown): void {
    this.status = status
    this.responseText = JSON.stringify(body)
    this.end('load')
  }

  private end(kind: string): void {
    this.dispatchEvent(new Event(kind))
    this.dispatchEvent(new Event('loadend'))
  }
}

/** Every upload from now on, in the order in which they begin. */
export function fakeUploads(): readonly FakeUpload[] {
  const uploads: FakeUpload[] = []
  vi.stubGlobal(
    'XMLHttpRequest',
    class extends FakeUpload {
      constructor() {
        super()
        uploads.push(this)
      }
    },
  )
  return uploads
}
