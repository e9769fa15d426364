import { randomBytes } from 'node:crypto'

/** A new identifier, 80 random bits in the alphabet of the contract's ids (lower-case letters and digits). */
export function randomId(): string {
  return randomBytes(10).toString('hex')
}
