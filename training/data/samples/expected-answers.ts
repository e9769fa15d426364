import { createRandom, type WorldRandom } from '../../../app/domain/world/random'
import { setQuestions } from '../../../app/domain/world/questions/set-questions'
import { sheetQuestions } from '../../../app/domain/world/questions/sheet-questions'
import { videoQuestions } from '../../../app/domain/world/questions/video-questions'
import type { WorldQuestion, WorldTask } from '../../../app/domain/world/scene'
import { framesOfFilm } from './film'
import { fourSeasons } from './four-seasons'
import { greatRace } from './great-race'
import { lostOnTheBeach } from './lost-on-the-beach'

/** Rounds of questions in which one is looked for. */
const ROUNDS = 4000
const EACH_ROUND = 40

/** A question of ours about a sample, and the task as which it is asked in training. */
export interface SampleQuestion {
  readonly task: WorldTask
  readonly question: string
  /** Offered in the window. */
  readonly isSuggested: boolean
}

export type SampleKind = 'film' | 'picture' | 'set'

const suggested = (task: WorldTask, question: string): SampleQuestion => {
  return { task, question, isSuggested: true }
}
const more = (task: WorldTask, question: string): SampleQuestion => {
  return { task, question, isSuggested: false }
}

/**
 * Three that are offered for each sample, which the bundled model answers rightly in whatever order they are asked, and
 * others that it should come to.
 */
export const SAMPLE_QUESTIONS: Readonly<Record<SampleKind, readonly SampleQuestion[]>> = {
  film: [
    suggested('video-presence', 'Does a pizza appear?'),
    suggested('when', 'When does the rocket appear?'),
    suggested('when', 'When does the umbrella appear?'),
    more('video-presence', 'Does a cow appear?'),
    more('times-seen', 'How many times does the rocket appear?'),
    more('order', 'Which appears first, the carrot or the pizza?'),
    more('read-at', 'What text is shown at 00:48?'),
    more('first-last', 'What is shown at the end?'),
    more('at-time', 'What is shown at 00:33?'),
  ],
  picture: [
    suggested('presence', 'Is there a turtle?'),
    suggested('presence', 'Is there a dog?'),
    suggested('tile-place', 'In which row and column is the hat?'),
    more('background', 'What is the background?'),
    more('tile-what', 'What is in row 3, column 1?'),
    more('tile-place', 'In which row and column is the key?'),
    more('tile-what', 'What is in row 1, column 4?'),
    more('count', 'How many fish are there?'),
  ],
  set: [
    suggested('which-picture', 'Which picture shows a mushroom?'),
    suggested('read', 'What does the text in picture 4 say?'),
    more('background', 'What is the background of picture 3?'),
    suggested('background', 'What is the background of picture 2?'),
    more('which-picture', 'Which picture shows a flower?'),
    more('compare', 'What do picture 1 and picture 2 both show?'),
    more('which-picture', 'Which picture shows a rabbit?'),
    more('total', 'How many trees are there in all pictures together?'),
  ],
}

type Maker = (random: WorldRandom, tasks: readonly WorldTask[]) => readonly WorldQuestion[]

function makers(): Readonly<Record<SampleKind, Maker>> {
  const frames = framesOfFilm(greatRace)
  const asking = (tasks: readonly WorldTask[]) => ({ count: EACH_ROUND, tasks, typos: false })
  return {
    film: (random, tasks) => videoQuestions(random, frames, asking(tasks)),
    picture: (random, tasks) => sheetQuestions(random, lostOnTheBeach, asking(tasks)),
    set: (random, tasks) => setQuestions(random, fourSeasons, asking(tasks)),
  }
}

export type ExpectedAnswer = WorldQuestion & { readonly isSuggested: boolean }
export type ExpectedAnswers = Readonly<Record<SampleKind, readonly ExpectedAnswer[]>>

/**
 * What is to be answered, by the code that makes the training's questions: the scenes decide the answers, and a question
 * that training would never ask is an error.
 * @throws RangeError naming such a question
 */
export function expectedAnswers(): ExpectedAnswers {
  const by = makers()
  const of = (kind: SampleKind) => SAMPLE_QUESTIONS[kind].map((asked) => answered(asked, by[kind]))
  return { film: of('film'), picture: of('picture'), set: of('set') }
}

function answered({ task, question, isSuggested }: SampleQuestion, make: Maker): ExpectedAnswer {
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = make(createRandom('sample', round), [task]).find((made) => made.question === question)
    if (found !== undefined) return { ...found, isSuggested }
  }
  throw new RangeError(`expected a question of training as ${task}, got "${question}"`)
}
