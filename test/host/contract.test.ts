import { ORPCError } from '@orpc/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError, errorCodes } from '../../app/contract/errors'
import type { Change } from '../../app/contract/status'
import { fromRpcError, toRpcError } from '../../app/contract/rpc-errors'
import { hostWorld } from '../helpers/host-world'
import { connectByPort, connectBySocket, type Connection, connectInProcess } from '../helpers/transports'

const transports = [
  ['in process', connectInProcess],
  ['over a MessagePort', connectByPort],
  ['over a WebSocket', connectBySocket],
] as const

/** What a call threw, as the window and the command line read it. */
async function failure(call: Promise<unknown>): Promise<AppError> {
  try {
    await call
  } catch (error) {
    return fromRpcError(error)
  }
  throw new Error('expected the call to fail')
}

/** Waits until `condition` holds; the test's own limit ends it when it never does. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe.each(transports)('the contract %s', (name, connect) => {
  let world: ReturnType<typeof hostWorld>
  let connection: Connection
  beforeEach(async () => {
    world = hostWorld()
    connection = await connect(world.services)
  })
  afterEach(async () => {
    await connection.end()
    await world.end()
  })

  it('matches replies to their calls when many are under way', async () => {
    const { client } = connection
    const created = await Promise.all(Array.from({ length: 20 }, () => client.chat.create()))
    const named = created.map(({ id }, index) =>
      client.chat.rename({ conversationId: id, title: `Title ${index}` }),
    )
    await Promise.all(named)
    const got = await Promise.all(created.map(({ id }) => client.chat.get({ conversationId: id })))
    expect(got.map(({ title }) => title)).toEqual(created.map((_, index) => `Title ${index}`))
  })

  it('keeps the order of a stream and drops no text', async () => {
    const { client } = connection
    const { id } = await client.chat.create()
    const turn = await client.chat.ask({ conversationId: id, question: 'Count', media: [] })
    const stream = await client.chat.follow({ turnId: turn.id })
    const call = await world.ask.nextCall()
    const words = Array.from({ length: 2000 }, (_, index) => `${index} `)
    for (const word of words) {
      call.text(word)
      if (word.endsWith('00 ')) await new Promise((resolve) => setImmediate(resolve))
    }
    call.finish()
    let text = ''
    let last = ''
    for await (const event of stream) {
      if (event.kind === 'text') text += event.text
      if (event.kind === 'state') last = event.turn.status
    }
    expect(text).toBe(words.join(''))
    expect(last).toBe('done')
  })

  it('tells changes from the moment the call returns', async () => {
    const changes = await connection.client.status.changes()
    await connection.client.settings.set({ theme: 'dark' })
    const first = await changes.next()
    expect(first.value).toEqual({ kind: 'settings' } satisfies Change)
    await changes.return()
  })

  it('lets a cancel reach the handler', async () => {
    let stopped = false
    const stop = new AbortController()
    world.media.listFolder = (_path, signal?: AbortSignal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          stopped = true
          reject(new AppError('cancelled', 'stopped'))
        })
        // Only now: a call that is cancelled earlier need not get here at all.
        setTimeout(() => {
          stop.abort()
        }, 5)
      })
    const call = failure(connection.client.library.count({ paths: [world.home] }, { signal: stop.signal }))
    expect((await call).code).toBe('cancelled')
    await until(() => stopped)
  })

  it('ends a stream on the serving side when the reader leaves it', async () => {
    const { client } = connection
    const { id } = await client.chat.create()
    const turn = await client.chat.ask({ conversationId: id, question: 'Count', media: [] })
    const real = world.services.chat.follow.bind(world.services.chat)
    let queue: ReturnType<typeof real> | undefined
    world.services.chat.follow = (turnId, signal) => (queue = real(turnId, signal))
    for await (const event of await client.chat.follow({ turnId: turn.id })) {
      expect(event.kind).toBe('state')
      break
    }
    await until(() => queue?.isEnded === true)
  })

  it('carries code, texts and details of an error', async () => {
    const error = await failure(connection.client.chat.get({ conversationId: 'nosuchconversation' }))
    expect(error).toMatchObject({
      code: 'gone',
      message: 'no conversation nosuchconversation',
      details: { what: 'conversation' },
    })
  })

  it('carries errors out of streams, too', async () => {
    world.services.library.count = () =>
      Promise.reject(new AppError('media_timeout', 'slow', { file: 'a', seconds: 3 }))
    const stream = await connection.client.library.add({ paths: ['/a'] })
    expect(await failure(stream.next())).toMatchObject({
      code: 'media_timeout',
      details: { file: 'a', seconds: 3 },
    })
  })

  it('tells a failure that nobody foresaw without its stack', async () => {
    world.services.library.list = () => {
      throw new TypeError('x is not a function')
    }
    const error = await failure(connection.client.library.list())
    expect(error).toMatchObject({ code: 'internal', details: { reason: 'x is not a function' } })
    expect(JSON.stringify(error.details)).not.toContain('.ts')
  })

  it('refuses unknown keys and wrong values, and names their path', async () => {
    const wrong = { theme: 'dark', speed: 3 } as { theme: 'dark' }
    expect(await failure(connection.client.settings.set(wrong))).toMatchObject({
      code: 'invalid_input',
      details: { reason: 'settings.set.speed: unknown key' },
    })
    const chip = { itemId: '../etc', range: null, tiles: false }
    const error = await failure(
      connection.client.chat.ask({ conversationId: 'abcdefgh', question: 'What?', media: [chip] }),
    )
    expect(error.details['reason']).toMatch(/^chat\.ask\.media\.0\.itemId: /)
  })

  it.skipIf(name === 'in process')('cancels calls and streams when the port closes', async () => {
    const { client } = connection
    let stopped = false
    world.media.listFolder = (_path, signal?: AbortSignal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          stopped = true
          reject(new AppError('cancelled', 'stopped'))
        })
      })
    const running = failure(client.library.count({ paths: [world.home] }))
    const { id } = await client.chat.create()
    const turn = await client.chat.ask({ conversationId: id, question: 'Count', media: [] })
    const stream = await client.chat.follow({ turnId: turn.id })
    await stream.next()
    const next = failure(stream.next())
    connection.hangUp()
    await running
    await next
    await until(() => stopped)
    // The answer itself goes on: it belongs to the conversation, not to the window.
    const call = await world.ask.nextCall()
    call.text('Done.')
    call.finish()
    await until(() => world.services.chat.get(id).items[0]?.status === 'done')
  })
})

describe('errors on the wire', () => {
  it.each(errorCodes)('%s comes back as it was', (code) => {
    const error = new AppError(code, 'for developers', { file: 'a.mp4', limit: 3 })
    expect(fromRpcError(toRpcError(error))).toMatchObject({
      code,
      message: 'for developers',
      details: error.details,
    })
  })
  it.each([undefined, null, 'text', {}, { details: null }, { details: [] }, { details: { deep: {} } }])(
    'a known code with %j instead of facts is an internal error with its message kept',
    (data) => {
      const thrown = new ORPCError('out_of_memory', { message: 'for developers', data })
      expect(fromRpcError(thrown)).toMatchObject({ code: 'internal', details: { reason: 'for developers' } })
    },
  )
})
