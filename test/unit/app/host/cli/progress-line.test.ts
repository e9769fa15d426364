import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ProgressLine, progressWords } from '../../../../../app/host/cli/progress-line'

describe('progressWords', () => {
  it('names what is counted', () => {
    expect(progressWords({ stage: 'encode', done: 37, total: 128, secondsLeft: 9 })).toBe(
      'Looking at 37 of 128 pictures, about 9 s left',
    )
    expect(progressWords({ stage: 'load', done: 45.6, total: 100, secondsLeft: null })).toBe(
      'Loading the model 45 %',
    )
  })
})

function sink(): { stream: Writable; text: () => string } {
  let text = ''
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString()
      done()
    },
  })
  return { stream, text: () => text }
}

describe('ProgressLine', () => {
  const step = { stage: 'decode', done: 1, total: 2, secondsLeft: null } as const

  it('draws over itself on a terminal and can be taken away', () => {
    const { stream, text } = sink()
    const line = new ProgressLine({ out: stream, err: stream, isTerminal: true })
    line.show(step)
    line.clear()
    line.clear()
    expect(text()).toBe('\r\u001b[K[############------------] Decoding 1 of 2 pictures\r\u001b[K')
  })

  it('is silent elsewhere', () => {
    const { stream, text } = sink()
    const line = new ProgressLine({ out: stream, err: stream, isTerminal: false })
    line.show(step)
    line.clear()
    expect(text()).toBe('')
  })
})
