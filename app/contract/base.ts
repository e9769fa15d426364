import { oc } from '@orpc/contract'
import { errorMap } from './error-map'

/** Every procedure starts from here, so that every failure carries a code of the closed list. */
export const base = oc.errors(errorMap)
