import { AppError } from '../contract/errors'
import type { EngineInfo, EngineVariant } from './engine-client-types'
import type { InstalledVariant } from './engine-libraries'
import type { ProbeResult } from './engine-probe'

export interface VariantChoice {
  readonly chosen: InstalledVariant
  /** Why this one, and why not each other one on disk. */
  readonly reasons: EngineInfo['reasons']
}

export interface ChooseVariantOptions {
  /** What is on disk. */
  readonly installed: readonly InstalledVariant[]
  /** The only one to try before the CPU; absent for the usual order. */
  readonly forced?: EngineVariant | undefined
  readonly probe: (variant: InstalledVariant) => Promise<ProbeResult>
}

/** What is tried first: the fastest that may work, then what always works. */
const ORDER: readonly EngineVariant[] = ['cuda', 'metal', 'vulkan', 'cpu']

/** What `LONGLENS_ENGINE_VARIANT` asks for. Throws `invalid_input` when it names none. */
export function forcedVariant(value: string | undefined): EngineVariant | undefined {
  if (value === undefined || value === '' || value === 'auto') return undefined
  const variant = ORDER.find((name) => name === value)
  if (variant !== undefined) return variant
  const reason = `LONGLENS_ENGINE_VARIANT: expected auto, ${ORDER.join(', ')}, got ${value}`
  throw new AppError('invalid_input', reason, { reason })
}

/**
 * Probes the installed variants one after another and takes the first that works. The CPU is not probed: nothing
 * comes after it, and starting it for good tells as much. A forced variant that does not work falls back to the CPU
 * like every other, with its reason.
 *
 * Throws `engine_unavailable` with every reason when nothing is left.
 */
export async function chooseVariant({
  installed,
  forced,
  probe,
}: ChooseVariantOptions): Promise<VariantChoice> {
  const reasons: { variant: EngineVariant; chosen: boolean; reason: string }[] = []
  let chosen: InstalledVariant | undefined
  if (forced !== undefined && installed.every(({ variant }) => variant !== forced)) {
    reasons.push({ variant: forced, chosen: false, reason: 'It was asked for, but is not installed.' })
  }
  for (const candidate of installed.toSorted((a, b) => rank(a, forced) - rank(b, forced))) {
    const { variant } = candidate
    const note = (isChosen: boolean, reason: string): void => {
      reasons.push({ variant, chosen: isChosen, reason })
    }
    if (chosen !== undefined) {
      note(false, `The ${chosen.variant} variant is preferred.`)
    } else if (variant === 'cpu') {
      chosen = candidate
      note(true, variant === forced ? 'It was asked for.' : fallbackReason(reasons.length))
    } else if (forced !== undefined && variant !== forced) {
      note(false, `The ${forced} variant was asked for.`)
    } else {
      const result = await probe(candidate)
      if (result.ok) chosen = candidate
      note(
        result.ok,
        result.ok
          ? successReason(result, variant === forced)
          : sentence(`${result.reason} (${candidate.build})`),
      )
    }
  }
  if (chosen !== undefined) return { chosen, reasons }
  const why = reasons.map(({ variant, reason }) => `${variant}: ${reason.replace(/\.$/, '')}`).join('; ')
  const reason = why === '' ? 'no engine libraries are installed' : why
  throw new AppError('engine_unavailable', `expected an engine variant that works, got none: ${reason}`, {
    reason,
  })
}

/** A forced variant goes first; equal variants keep the order in which they were found. */
function rank({ variant }: InstalledVariant, forced: EngineVariant | undefined): number {
  return variant === forced ? -1 : ORDER.indexOf(variant)
}

function successReason(result: Extract<ProbeResult, { ok: true }>, wasForced: boolean): string {
  const names = result.devices
    .filter(({ type }) => type === 'gpu' || type === 'igpu')
    .map(({ name, description }) => `${name} (${description})`)
  return sentence(`${wasForced ? 'it was asked for and ' : 'it '}found ${names.join(', ')}`)
}

function fallbackReason(triedBefore: number): string {
  return triedBefore === 0 ? 'It is the only one installed.' : 'No other variant works here.'
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
