import type { KeptFailure } from '../../../app/contract/error-map'

/** What a button under a failure does before the failed thing is tried again. */
export type Remedy =
  | { readonly kind: 'chooseModel' }
  | { readonly kind: 'openSettings' }
  | { readonly kind: 'restartEngine' }
  | { readonly kind: 'useFrames'; readonly frames: number }
  | { readonly kind: 'retry' }

/** The number of frames that a plan speaks of ("Use at most 96 frames …"), or null when it is about something else. */
export function framesOfPlan(plan: string): number | null {
  const found = /use at most (\d+) frames?\b/i.exec(plan)
  return found === null ? null : Number(found[1])
}

/** What helps most likely, by the failure's code. */
export function remedyFor({ code, details }: Pick<KeptFailure, 'code' | 'details'>): Remedy {
  switch (code) {
    case 'request_too_long': {
      const frames = framesOfPlan(String(details['plan'] ?? ''))
      return frames === null ? { kind: 'openSettings' } : { kind: 'useFrames', frames }
    }
    case 'model_not_found':
    case 'model_invalid':
    case 'model_unsupported':
      return { kind: 'chooseModel' }
    case 'out_of_memory':
      return { kind: 'openSettings' }
    case 'engine_unavailable':
    case 'engine_unresponsive':
      return { kind: 'restartEngine' }
    default:
      return { kind: 'retry' }
  }
}
