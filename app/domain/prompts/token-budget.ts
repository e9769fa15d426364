import type { PictureRef, RequestPlan } from '../request'
import { tokensOf } from './sequence-builder'

/** What to change so that a request fits; what is absent may stay. Empty when only less text would help. */
export interface BudgetFit {
  /** Most frames of each video. */
  readonly maxFrames?: number
  /** With a single video: an interval between frames that gives no more than `maxFrames`, seconds. */
  readonly intervalSeconds?: number
  /** Ask about pictures as a whole. */
  readonly tiles?: false
  /** Most pictures, each video counted as one and read with one frame. */
  readonly maxPictures?: number
  /** Longest answer, tokens. */
  readonly maxTokens?: number
}

export type BudgetResult =
  | { readonly ok: true; readonly tokens: number; readonly limit: number }
  | {
      readonly ok: false
      /** Positions that prompt and answer take together. */
      readonly tokens: number
      readonly limit: number
      readonly fit: BudgetFit
      /** The fit as a sentence for people. */
      readonly suggestion: string
    }

/**
 * Whether a request and an answer of `maxTokens` fit a context, and if not, what would: fewer frames, no tiles, fewer
 * pictures, a shorter answer. The fit never needs more than `contextTokens` when the request is composed anew with it.
 *
 * @param turns turns of the conversation; with more than one, beginning anew is offered as well
 */
export function checkBudget(
  plan: RequestPlan,
  contextTokens: number,
  maxTokens: number,
  turns = 1,
): BudgetResult {
  const tokens = plan.promptTokens + maxTokens
  if (tokens <= contextTokens) return { ok: true, tokens, limit: contextTokens }
  const costs = costsOf(plan)
  const fit = findFit(costs, contextTokens, maxTokens)
  return {
    ok: false,
    tokens,
    limit: contextTokens,
    fit,
    suggestion: describeFit(fit, costs, contextTokens, turns),
  }
}

interface VideoCost {
  readonly frames: { readonly frame: number; readonly seconds: number }[]
  pictureTokens: number
  /** Tokens of the texts between this video's frames: all of them, and the longest. */
  textTokens: number
  longestText: number
}

/** What the parts of a plan cost, by what could be left out. */
interface Costs {
  promptTokens: number
  readonly videos: Map<number, VideoCost>
  /** Tiles with the texts in front of them. */
  tileTokens: number
  tiles: number
  /** Pictures that are neither frames nor tiles. */
  images: number
  imageTokens: number
}

function costsOf(plan: RequestPlan): Costs {
  const costs: Costs = {
    promptTokens: plan.promptTokens,
    videos: new Map(),
    tileTokens: 0,
    tiles: 0,
    images: 0,
    imageTokens: 0,
  }
  let previous: PictureRef | null = null
  let textTokens = 0
  for (const part of plan.parts) {
    if (part.kind === 'text') {
      textTokens += tokensOf(part)
      continue
    }
    addPicture(costs, part.picture, part.tokens, textTokens, previous)
    previous = part.picture
    textTokens = 0
  }
  return costs
}

function addPicture(
  costs: Costs,
  picture: PictureRef,
  tokens: number,
  textBefore: number,
  previous: PictureRef | null,
): void {
  switch (picture.kind) {
    case 'image':
      costs.images += 1
      costs.imageTokens = tokens
      return
    case 'tile':
      costs.tiles += 1
      costs.tileTokens += tokens + textBefore
      return
    case 'frame': {
      const video = costs.videos.get(picture.media) ?? {
        frames: [],
        pictureTokens: tokens,
        textTokens: 0,
        longestText: 0,
      }
      costs.videos.set(picture.media, video)
      video.frames.push({ frame: picture.frame, seconds: picture.seconds })
      if (previous?.kind !== 'frame' || previous.media !== picture.media) return
      video.textTokens += textBefore
      video.longestText = Math.max(video.longestText, textBefore)
    }
  }
}

/** Showing less with the whole answer, else all of it with a shorter answer, else both. */
function findFit(costs: Costs, contextTokens: number, maxTokens: number): BudgetFit {
  const less = findMediaFit(costs, contextTokens - maxTokens)
  if (less !== null) return less
  const shorterAnswer = contextTokens - costs.promptTokens
  if (shorterAnswer > 0) return { maxTokens: shorterAnswer }
  const modestAnswer = Math.min(maxTokens, Math.max(1, Math.floor(contextTokens * MODEST_ANSWER)))
  const lessOfBoth = findMediaFit(costs, contextTokens - modestAnswer)
  return lessOfBoth === null ? {} : { ...lessOfBoth, maxTokens: modestAnswer }
}

/** Share of the context that is left to the answer when neither it nor the media can stay as they are. */
const MODEST_ANSWER = 0.25

/** What to leave out so that the prompt takes at most `room` positions; null when the text alone takes more. */
function findMediaFit(costs: Costs, room: number): BudgetFit | null {
  for (const tiles of costs.tiles > 0 ? [true, false] : [true]) {
    const kept = tiles ? {} : { tiles: false as const }
    const fixed = costs.promptTokens - (tiles ? 0 : costs.tileTokens)
    if (fixed <= room) return kept
    const maxFrames = mostFrames(costs, fixed, room)
    if (maxFrames > 0) return { ...kept, maxFrames, ...intervalFor(costs, maxFrames) }
  }
  const maxPictures = mostPictures(costs, room)
  return maxPictures === 0 ? null : { ...(costs.tiles > 0 ? { tiles: false } : {}), maxPictures }
}

/** Positions of a prompt whose videos keep at most `most` frames each; `fixed` is what it takes with all of them. */
function tokensWithFrames(costs: Costs, fixed: number, most: number): number {
  let tokens = fixed
  for (const { frames, pictureTokens, textTokens, longestText } of costs.videos.values()) {
    if (frames.length <= most) continue
    tokens -= frames.length * pictureTokens + textTokens
    // Which texts remain depends on the frames: the longest are counted.
    tokens += most * pictureTokens + (most - 1) * longestText
  }
  return tokens
}

/** The most frames of each video that fit, or 0 when not even one does. */
function mostFrames(costs: Costs, fixed: number, room: number): number {
  let low = 0
  let high = Math.max(0, ...[...costs.videos.values()].map(({ frames }) => frames.length))
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (tokensWithFrames(costs, fixed, middle) <= room) low = middle
    else high = middle - 1
  }
  return low
}

/**
 * The interval that leaves at most `most` frames of the only video. The official rule rounds the interval down to
 * whole frames, so one frame's time is added; and the video may go on after its last chosen frame for as long as the
 * longest gap between two.
 */
function intervalFor(costs: Costs, most: number): { intervalSeconds?: number } {
  const [video, ...others] = [...costs.videos.values()]
  const first = video?.frames[0]
  const last = video?.frames.at(-1)
  if (video === undefined || others.length > 0 || first === undefined || last === undefined) return {}
  const frameSeconds = (last.seconds - first.seconds) / (last.frame - first.frame)
  if (!(frameSeconds > 0) || most < 2) return {}
  const gaps = video.frames.map(({ frame }, index) => frame - (video.frames[index - 1]?.frame ?? frame))
  const reach = last.frame - first.frame + Math.max(...gaps)
  return { intervalSeconds: Math.ceil((reach / most + 1) * frameSeconds * 10) / 10 }
}

/** The most pictures without tiles, with one frame of each video, that fit: 0 when the text alone does not. */
function mostPictures(costs: Costs, room: number): number {
  const pictures = costs.images + costs.videos.size
  const perPicture = costs.imageTokens || ([...costs.videos.values()][0]?.pictureTokens ?? 0)
  if (pictures < 2 || perPicture === 0) return 0
  const fixed = tokensWithFrames(costs, costs.promptTokens - costs.tileTokens, 1)
  // The texts around a picture that is left out are counted as if they stayed: some hold questions of other turns.
  return Math.max(0, pictures - Math.ceil((fixed - room) / perPicture))
}

function describeFit(fit: BudgetFit, costs: Costs, contextTokens: number, turns: number): string {
  const changes = [
    ...(fit.tiles === false ? ['turn off tiles'] : []),
    ...(fit.maxFrames === undefined ? [] : [describeFrames(fit, costs)]),
    ...(fit.maxPictures === undefined ? [] : [describePictures(fit.maxPictures, costs)]),
    ...(fit.maxTokens === undefined ? [] : [`ask for an answer of at most ${fit.maxTokens} tokens`]),
  ]
  const change =
    changes.length > 0
      ? changes.join(' and ')
      : `shorten the text: ${costs.promptTokens} tokens are asked, ${contextTokens} fit`
  const sentence = change.charAt(0).toUpperCase() + change.slice(1)
  return turns > 1 ? `${sentence}, or begin a new conversation.` : `${sentence}.`
}

function describeFrames({ maxFrames = 0, intervalSeconds }: BudgetFit, costs: Costs): string {
  const frames = `use at most ${maxFrames} ${maxFrames === 1 ? 'frame' : 'frames'}`
  if (costs.videos.size > 1) return `${frames} of each video`
  return intervalSeconds === undefined ? frames : `${frames} (one every ${intervalSeconds} s)`
}

function describePictures(most: number, { images, videos }: Costs): string {
  if (videos.size === 0) return `use at most ${most} of the ${images} pictures`
  const all = images + videos.size
  const what = images === 0 ? 'videos' : 'videos and pictures'
  return `use at most ${most} of the ${all} ${what}, with one frame of each video`
}
