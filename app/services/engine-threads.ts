import { availableParallelism } from 'node:os'
import type { ModelDescription } from '../domain/model-description'

/**
 * Width from which a layer is worth sharing between threads. They meet after every operation, and wait by spinning:
 * in a narrower model they wait longer than they compute, and as soon as another program wants a core the waiting
 * costs many times what sharing gains (docs/performance.md).
 */
const WORTH_SHARING = 512

/** How many threads the engine computes with, unless the person chose a number. */
export function threadsFor({ language }: Pick<ModelDescription, 'language'>): number {
  return language.embeddingLength < WORTH_SHARING ? 1 : availableParallelism()
}
