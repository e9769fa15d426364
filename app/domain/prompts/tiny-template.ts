import type { PromptTemplate } from '../model-description'

/**
 * The prompt of Longlens-Tiny: questions and replies begin with a space, a past reply is closed by the end token. The
 * timecode stands before its frame: a recurrent model then knows the time while it reads the picture. Tiles are laid
 * out as in the official prompt.
 */
export const tinyTemplate: PromptTemplate = {
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
    labelPlace: 'before',
  },
  tiles: {
    before: '<img>',
    wholeAfter: '\n',
    tileBefore: '<img>',
    tileAfter: '</img>',
    rowSeparator: '\n',
    after: '</img>',
  },
}
