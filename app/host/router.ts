import { implement } from '@orpc/server'
import { contract } from '../contract'
import type { Change } from '../contract/status'
import { EventQueue } from '../services/event-queue'
import { toCallError, translateStream } from './call-errors'
import type { Services } from './services'

export interface CallContext {
  readonly services: Services
}

// First in the chain, so that input and output checks fail inside it.
const os = implement(contract)
  .$context<CallContext>()
  .use(async ({ next, path }) => {
    try {
      const result = await next()
      if (!isStream(result.output)) return result
      return { ...result, output: translateStream(result.output, path) as typeof result.output }
    } catch (error) {
      throw toCallError(error, path)
    }
  })

const library = {
  list: os.library.list.handler(({ context: { services } }) => services.library.list()),
  count: os.library.count.handler(({ context: { services }, input, signal }) =>
    services.library.count(input.paths, signal),
  ),
  add: os.library.add.handler(({ context: { services }, input, signal }) =>
    services.library.add(input.paths, signal),
  ),
  samples: os.library.samples.handler(({ context: { services } }) => services.library.samples()),
  addSample: os.library.addSample.handler(({ context: { services }, input, signal }) =>
    services.library.addSample(input.kind, signal),
  ),
  remove: os.library.remove.handler(({ context: { services }, input }) => {
    services.library.remove(input.id)
  }),
  restore: os.library.restore.handler(({ context: { services }, input }) =>
    services.library.restore(input.id),
  ),
  folderEntries: os.library.folderEntries.handler(({ context: { services }, input }) =>
    services.library.folderEntries(input.id, input.offset, input.limit),
  ),
  plannedFrames: os.library.plannedFrames.handler(({ context: { services }, input, signal }) =>
    services.library.plannedFrames(input.id, input.range, signal),
  ),
}

const chat = {
  list: os.chat.list.handler(({ context: { services } }) => services.chat.list()),
  create: os.chat.create.handler(({ context: { services } }) => services.chat.create()),
  get: os.chat.get.handler(({ context: { services }, input }) => services.chat.get(input.conversationId)),
  rename: os.chat.rename.handler(({ context: { services }, input }) => {
    services.chat.rename(input.conversationId, input.title)
  }),
  remove: os.chat.remove.handler(({ context: { services }, input }) => {
    services.chat.remove(input.conversationId)
  }),
  restore: os.chat.restore.handler(({ context: { services }, input }) =>
    services.chat.restore(input.conversationId),
  ),
  saveDraft: os.chat.saveDraft.handler(({ context: { services }, input }) => {
    services.chat.saveDraft(input.conversationId, input.draft)
  }),
  cost: os.chat.cost.handler(({ context: { services }, input, signal }) =>
    services.chat.cost(input.conversationId, input.question, input.media, signal),
  ),
  ask: os.chat.ask.handler(({ context: { services }, input }) =>
    services.chat.ask(input.conversationId, input.question, input.media),
  ),
  follow: os.chat.follow.handler(({ context: { services }, input, signal }) =>
    services.chat.follow(input.turnId, signal),
  ),
  stop: os.chat.stop.handler(({ context: { services }, input }) => {
    services.chat.stop(input.turnId)
  }),
  retry: os.chat.retry.handler(({ context: { services }, input }) =>
    services.chat.retry(input.turnId, input.question),
  ),
  resume: os.chat.resume.handler(({ context: { services }, input }) => services.chat.resume(input.turnId)),
}

const models = {
  list: os.models.list.handler(({ context: { services } }) => services.models.list()),
  card: os.models.card.handler(({ context: { services }, input }) => services.models.card(input.folder)),
  choose: os.models.choose.handler(({ context: { services }, input }) =>
    services.models.choose(input.folder),
  ),
  importCheckpoint: os.models.importCheckpoint.handler(({ context: { services }, input, signal }) =>
    services.models.importCheckpoint(input, signal),
  ),
  remove: os.models.remove.handler(({ context: { services }, input }) =>
    services.models.remove(input.folder),
  ),
}

const settings = {
  get: os.settings.get.handler(({ context: { services } }) => services.settings.get()),
  set: os.settings.set.handler(({ context: { services }, input }) => services.settings.set(input)),
  folders: os.settings.folders.handler(({ context: { services } }) => ({ ...services.folders })),
}

const status = {
  engine: os.status.engine.handler(({ context: { services } }) => services.engine.current()),
  changes: os.status.changes.handler(({ context: { services }, signal }) => {
    // Subscribed before the call returns: what changes between that and the first read is not missed.
    const queue = new EventQueue<Change>({
      merge: mergeChanges,
      onEnd: () => {
        unsubscribe()
      },
      signal,
    })
    const unsubscribe = services.changes.subscribe((change) => {
      queue.push(change)
    })
    if (queue.isEnded) unsubscribe()
    return queue
  }),
  restartEngine: os.status.restartEngine.handler(({ context: { services } }) => services.engine.restart()),
}

function isStream(output: unknown): output is AsyncIterator<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output && 'next' in output
}

/** A reader that is slow is told of the same thing once. */
function mergeChanges(last: Change, next: Change): Change | undefined {
  if (last.kind === 'conversation' && next.kind === 'conversation') {
    return last.conversationId === next.conversationId ? next : undefined
  }
  return last.kind === next.kind ? next : undefined
}

/** The whole contract, bound to the services in the call's context. */
export const router = os.router({ library, chat, models, settings, status })
