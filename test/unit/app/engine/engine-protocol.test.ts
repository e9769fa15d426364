import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../app/contract/errors'
import {
  engineMessageSchema,
  fromWireError,
  methods,
  ownerMessageSchema,
  parseMessage,
  toWireError,
} from '../../../../app/engine/engine-protocol'
import { fakeDescription } from '../../../helpers/fake-binding'

const load = {
  folder: '/models/fake',
  description: fakeDescription,
  contextTokens: 4096,
  threads: 2,
  gpuLayers: 'auto',
  flashAttention: true,
  cacheType: 'f16',
  maxSequences: 2,
}

function refusal(parse: () => unknown): string {
  try {
    parse()
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'invalid_input') return thrown.message
    throw thrown
  }
  throw new Error('expected a refusal, got none')
}

describe('messages', () => {
  it('keep typed arrays as they are', () => {
    const pixels = new Uint8Array(12)
    const message = { type: 'pixels', id: 3, count: 1, pixels }
    expect(parseMessage(ownerMessageSchema, structuredClone(message), 'engine')).toEqual(message)
    const params = { sequence: 0, parts: [{ kind: 'tokens', tokens: Int32Array.of(1, 2) }] }
    expect(parseMessage(methods.append.params, structuredClone(params), 'engine.append')).toEqual(params)
  })

  it('carry a reply of nothing', () => {
    const message = structuredClone({ type: 'reply', id: 1, ok: true, value: undefined })
    expect(parseMessage(engineMessageSchema, message, 'engine')).toEqual(message)
    expect(methods.clear.result.safeParse(undefined).success).toBe(true)
  })

  it.each([
    [{ type: 'request', id: 1, method: 'length', params: {}, more: 1 }, /^engine: .*more/],
    [{ type: 'request', id: 0, method: 'length', params: {} }, /^engine\.id: /],
    [{ type: 'cancel', id: '1' }, /^engine\.id: /],
    [
      {
        type: 'start',
        addonPath: '/a',
        variant: 'tpu',
        libraries: { folder: '/', libraries: [], backends: [] },
      },
      /^engine\.variant: /,
    ],
    [{ type: 'pixels', id: 1, count: 1, pixels: [1, 2, 3] }, /^engine\.pixels: expected a Uint8Array/],
    [{ type: 'pixels', id: 1, count: 9, pixels: new Uint8Array(9) }, /^engine\.count: /],
    [null, /^engine: /],
    ['stop', /^engine: /],
  ])('from the owner are refused with the path: %j', (message, reason) => {
    expect(refusal(() => parseMessage(ownerMessageSchema, message, 'engine'))).toMatch(reason)
  })

  it.each([
    ['load', { ...load, threads: -3 }, /^engine\.load\.threads: /],
    ['load', { ...load, gpuLayers: 'most' }, /^engine\.load\.gpuLayers: /],
    ['load', { ...load, turbo: true }, /^engine\.load: .*turbo/],
    [
      'load',
      { ...load, description: { ...fakeDescription, extra: 1 } },
      /^engine\.load\.description: .*extra/,
    ],
    ['append', { sequence: 16, parts: [] }, /^engine\.append\.sequence: /],
    [
      'append',
      { sequence: 0, parts: [{ kind: 'tokens', tokens: [1, 2] }] },
      /^engine\.append\.parts\.0\.tokens: expected an Int32Array/,
    ],
    [
      'append',
      { sequence: 0, parts: [{ kind: 'tokens', tokens: new Int32Array(0) }] },
      /^engine\.append\.parts\.0\.tokens: expected at least one/,
    ],
    [
      'append',
      { sequence: 0, parts: [{ kind: 'images', count: 1e9 }] },
      /^engine\.append\.parts\.0\.count: /,
    ],
    ['generate', { sequence: 0, params: { maxTokens: Infinity } }, /^engine\.generate\.params/],
    ['length', { sequence: 0.5 }, /^engine\.length\.sequence: /],
    ['hang', { seconds: 1e6 }, /^engine\.hang\.seconds: /],
  ] as const)('with parameters that %s does not take are refused with the path', (method, params, reason) => {
    expect(refusal(() => parseMessage(methods[method].params, params, `engine.${method}`))).toMatch(reason)
  })

  it('take the options of a load as services give them', () => {
    expect(parseMessage(methods.load.params, structuredClone(load), 'engine.load')).toEqual(load)
  })
})

it('brings an error across with code, message and details', () => {
  const error = new AppError('out_of_memory', 'expected 1, got 2', { need: '2 GB', free: '1 GB' })
  const there = fromWireError(structuredClone(toWireError(error)))
  expect(there).toMatchObject({
    code: 'out_of_memory',
    message: 'expected 1, got 2',
    details: { need: '2 GB', free: '1 GB' },
  })
})
