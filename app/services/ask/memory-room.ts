import { isCancelled } from '../../contract/errors'
import { freeMemoryBytes } from '../../engine/engine-client'
import type { CallOptions, EngineClient, LoadOptions } from '../../engine/engine-client-types'

/** Contexts up to this size take little; loading checks them like any other. */
const ALWAYS_OFFERED = 32_768
/** Of what is free: other programs go on, and an estimate is one. */
const USABLE_SHARE = 0.9

/** How large a context may be on this machine, before anything is loaded. */
export class MemoryRoom {
  private readonly engine: Pick<EngineClient, 'estimate' | 'info'>
  private readonly freeBytes: () => number

  constructor(engine: Pick<EngineClient, 'estimate' | 'info'>, freeBytes: () => number = freeMemoryBytes) {
    this.engine = engine
    this.freeBytes = freeBytes
  }

  /**
   * `load.contextTokens`, halved until model and context fit the memory that is free on the machine and its graphics
   * cards.
   *
   * @param heldBytes what the loaded model would give back
   */
  async largestContext(load: LoadOptions, heldBytes: number, call: CallOptions): Promise<number> {
    const wanted = load.contextTokens
    if (wanted <= ALWAYS_OFFERED) return wanted
    let needs
    let graphicsBytes = 0
    try {
      needs = await this.engine.estimate(load, call)
      const { devices } = await this.engine.info(call)
      // Integrated graphics use the machine's own memory.
      for (const { type, memoryFreeBytes } of devices) if (type === 'gpu') graphicsBytes += memoryFreeBytes
    } catch (error) {
      if (isCancelled(error)) throw error
      // Whatever is wrong with the engine or the model, asking tells it better than a count of tokens.
      return wanted
    }
    const room = USABLE_SHARE * (this.freeBytes() + heldBytes + graphicsBytes)
    const fixedBytes = needs.totalBytes - needs.keyValueBytes
    let context = wanted
    while (context > ALWAYS_OFFERED && fixedBytes + needs.keyValueBytes * (context / wanted) > room) {
      context = Math.max(ALWAYS_OFFERED, Math.floor(context / 2))
    }
    return context
  }
}
