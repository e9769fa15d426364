import type { ArtCounts, SplitCounts } from '../../app/domain/world/composition'

/**
 * Counts of a smaller art pack: the first `share` (0…1] of each kind of asset, at least one of each.
 */
export function withVariety(counts: ArtCounts, share: number): ArtCounts {
  return { ...counts, train: fewer(counts.train, share), test: fewer(counts.test, share) }
}

function fewer(counts: SplitCounts, share: number): SplitCounts {
  const part = (count: number) => Math.ceil(count * share)
  const drawings = Object.entries(counts.drawings).map(([name, count]) => [name, part(count)] as const)
  return {
    drawings: Object.fromEntries(drawings) as SplitCounts['drawings'],
    unknown: part(counts.unknown),
    photos: part(counts.photos),
    fontAdvances: counts.fontAdvances.slice(0, part(counts.fontAdvances.length)),
  }
}
