import type { PromptTemplate } from '../model-description'

/**
 * The prompt of the pilot of Longlens-Tiny: questions and replies begin with a space, each frame is followed by its timecode,
 * a past reply is closed by the end token. It was not trained on tiles; they are shown as further pictures.
 */
export const pilotTemplate: PromptTemplate = {
  userBefore: '<|startoftext|><|User|>\n',
  userAfter: '\n',
  assistantBefore: '<|startoftext|><|Assistant|>\n',
  assistantAfter: '<|endoftext|>',
  replyBefore: ' ',
  questionBefore: ' ',
  image: { before: '<img>', after: '</img>', terminator: '' },
  video: {
    before: '<vid>',
    frameBefore: '<img>',
    frameAfter: '</img>',
    lastFrameAfter: '</img>',
    separator: '',
    after: '</vid>',
    label: 'mm:ss',
    labelPlace: 'after',
  },
  tiles: {
    before: '<img>',
    wholeAfter: '</img>',
    tileBefore: '<img>',
    tileAfter: '</img>',
    rowSeparator: '',
    after: '',
  },
}
