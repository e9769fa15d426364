import type { FolderQuestion } from './questions-file'
import { isAccepted } from './score-reply'
import type { EvaluationCase, EvaluationGroup, EvaluationSuite } from './evaluation-types'

/** The questions of a folder, those about the same media one after the other, so that these are read once. */
export function folderSuite(questions: readonly FolderQuestion[], maxFrames: number | null): EvaluationSuite {
  const groups = Map.groupBy(questions, ({ media, tiles }) => JSON.stringify([media, tiles]))
  const all = [...groups.values()].map((group): EvaluationGroup => ({
    cases: group.map((question) => caseOf(question, maxFrames)),
  }))
  return {
    name: 'folder',
    costs: all.map(({ cases }) => cases.length),
    draw: (index) => {
      const group = all[index]
      if (group === undefined) throw new RangeError(`expected one of ${all.length} groups, got ${index}`)
      return Promise.resolve(group)
    },
  }
}

function caseOf(
  { id, task, media, tiles, question, answers }: FolderQuestion,
  maxFrames: number | null,
): EvaluationCase {
  return {
    id,
    media: media.map((path) => ({ path, range: null, tiles })),
    turns: [{ task, question, expected: answers[0], isRight: (reply) => isAccepted(reply, answers) }],
    length: null,
    depth: null,
    maxFrames,
  }
}
