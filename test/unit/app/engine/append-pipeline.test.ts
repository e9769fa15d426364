import { describe, expect, it } from 'vitest'
import { appendParts } from '../../../../app/engine/append-pipeline'
import type { CallEvent, MethodParams } from '../../../../app/engine/engine-protocol'
import { RunningCall } from '../../../../app/engine/running-call'
import { bindingError, FakeBinding, inputTokens } from '../../../helpers/fake-binding'

const PICTURE_BYTES = 192

async function pipeline(batchTokens: number) {
  const binding = new FakeBinding()
  const model = await binding.loadModel(
    { path: '', useMmap: true, gpuLayers: 0, devices: [], tensorSplit: [] },
    undefined,
    undefined,
  )
  const session = await model.createSession({
    contextTokens: 4096,
    batchTokens,
    threads: 1,
    flashAttention: true,
    cacheType: 'f16',
    maxSequences: 2,
  })
  const tower = await binding.loadVisionTower(
    { path: '', threads: 1, flashAttention: true, batchImages: 8, device: '' },
    undefined,
  )
  const events: CallEvent[] = []
  const call = new RunningCall(binding.createCancelToken(), (event) => events.push(event))
  return {
    binding,
    call,
    events,
    session,
    append: (parts: MethodParams<'append'>['parts']) =>
      appendParts({ session, tower, sequence: 1, batchTokens }, parts, call),
  }
}

/** Pictures whose first byte is `first`, `first + 1`, … */
function pictures(count: number, first = 1): { pixels: Uint8Array; count: number } {
  const pixels = new Uint8Array(count * PICTURE_BYTES)
  for (let n = 0; n < count; n += 1) pixels[n * PICTURE_BYTES] = first + n
  return { pixels, count }
}

function tokens(...ids: number[]): { kind: 'tokens'; tokens: Int32Array } {
  return { kind: 'tokens', tokens: Int32Array.from(ids) }
}

describe('appendParts', () => {
  it('keeps text and pictures in order and hands them over in whole batches', async () => {
    const { binding, call, append } = await pipeline(4)
    call.pushPixels(pictures(2))
    await append([
      tokens(7, 8, 9),
      { kind: 'images', count: 1 },
      tokens(10),
      { kind: 'images', count: 1 },
      tokens(11),
    ])

    const flat = binding.appends.flatMap(({ parts }) =>
      parts.flatMap((part) =>
        part.kind === 'tokens'
          ? [...part.tokens].map((token) => `t${String(token)}`)
          : Array.from({ length: inputTokens(part) }, (_, row) => `p${String(part.embeddings[row * 4])}`),
      ),
    )
    expect(flat).toEqual(['t7', 't8', 't9', 'p1', 'p1', 't10', 'p2', 'p2', 't11'])
    const sizes = binding.appends.map(({ parts }) => parts.reduce((sum, part) => sum + inputTokens(part), 0))
    expect(sizes).toEqual([4, 4, 1])
    expect(binding.encoded).toEqual([2])
  })

  it('encodes batches that arrive one by one and says when each is taken', async () => {
    const { binding, call, events, append } = await pipeline(64)
    const done = append([{ kind: 'images', count: 19 }])
    for (const batch of [pictures(8), pictures(8, 9), pictures(3, 17)]) call.pushPixels(batch)
    await done
    expect(binding.encoded).toEqual([8, 8, 3])
    expect(events.filter(({ kind }) => kind === 'pixelsTaken')).toHaveLength(3)
    expect(events).toContainEqual({ kind: 'append', stage: 'encode', done: 19, total: 19 })
    expect(events).toContainEqual({ kind: 'append', stage: 'prefill', done: 38, total: 38 })
  })

  it('refuses what does not fit before anything runs', async () => {
    const { binding, append } = await pipeline(64)
    await expect(append([{ kind: 'images', count: 2049 }])).rejects.toMatchObject({
      code: 'request_too_long',
      details: { tokens: 4098, limit: 4096 },
    })
    expect(binding.encoded).toEqual([])
    expect(binding.cleared).toEqual([])
  })

  it('refuses pictures of another size and more pictures than announced', async () => {
    const wrongSize = await pipeline(64)
    wrongSize.call.pushPixels({ pixels: new Uint8Array(191), count: 1 })
    await expect(wrongSize.append([{ kind: 'images', count: 1 }])).rejects.toMatchObject({
      code: 'invalid_input',
    })

    const tooMany = await pipeline(64)
    tooMany.call.pushPixels(pictures(2))
    await expect(tooMany.append([{ kind: 'images', count: 1 }])).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })

  it('cancelled while it waits for pictures, stops and empties the sequence', async () => {
    const { binding, call, append } = await pipeline(4)
    const done = append([tokens(1, 2, 3, 4), { kind: 'images', count: 1 }])
    call.cancel()
    await expect(done).rejects.toMatchObject({ code: 'cancelled' })
    expect(binding.cleared).toEqual([1])
  })

  it('cancelled in the middle of a native job, rejects only when nothing is running any more', async () => {
    const { binding, call, session, append } = await pipeline(4)
    binding.gates.set('append', new Promise(() => undefined))
    call.pushPixels(pictures(8))
    const done = append([{ kind: 'images', count: 16 }])
    await new Promise(setImmediate)
    call.cancel()
    await expect(done).rejects.toMatchObject({ code: 'cancelled' })
    expect(binding.appends).toEqual([])
    expect(session.length(1)).toBe(0)
  })

  it.each(['encode', 'append'])(
    'empties the sequence when %s fails, and reports that failure',
    async (job) => {
      const { binding, call, append } = await pipeline(4)
      binding.failures.set(job, bindingError('fatal', `${job} failed`))
      call.pushPixels(pictures(8))
      await expect(append([tokens(1, 2, 3, 4), { kind: 'images', count: 16 }])).rejects.toMatchObject({
        code: 'fatal',
        message: `${job} failed`,
      })
      expect(binding.cleared).toEqual([1])
    },
  )
})
