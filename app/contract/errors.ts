/**
 * The closed list of failures a person can meet. Each code says what happened (title, body) and what to do
 * (remedy). `{name}` in a text is filled from the error's details. Cancelling is not a failure a person sees;
 * it has a code only so that callers can tell it from one.
 */
export interface ErrorText {
  /** Headline, no full stop. */
  readonly title: string
  /** One sentence that says what happened, and why if we know. */
  readonly body: string
  /** One sentence that says what to do. */
  readonly remedy: string
}

export const errorTexts = {
  invalid_input: {
    title: 'That request could not be understood',
    body: '{reason}',
    remedy: 'Correct it and try again.',
  },
  media_not_found: {
    title: 'The file is missing',
    body: '"{file}" is not there any more, or never was.',
    remedy: 'Check the name, or put the file back and try again.',
  },
  media_unreadable: {
    title: 'The file cannot be read',
    body: '"{file}" could not be opened: {reason}.',
    remedy: 'Check its permissions and the disk it is on.',
  },
  media_empty: {
    title: 'The file is empty',
    body: '"{file}" has nothing in it.',
    remedy: 'Copy or download it again.',
  },
  media_unsupported: {
    title: 'This kind of file is not supported',
    body: '"{file}" is not a video or picture that can be read: {reason}.',
    remedy: 'Convert it to MP4, PNG or JPEG and try again.',
  },
  media_damaged: {
    title: 'The file is damaged',
    body: '"{file}" stops making sense part of the way through: {reason}.',
    remedy: 'Copy or download it again, or ask about the part that plays.',
  },
  media_changed: {
    title: 'The file changed while it was being read',
    body: '"{file}" is not the file it was when reading began.',
    remedy: 'Ask again once it is no longer being written.',
  },
  media_timeout: {
    title: 'Reading the file took too long',
    body: '"{file}" gave no picture for {seconds} seconds, so reading was stopped.',
    remedy: 'Check that the disk is reachable, or convert the file to MP4.',
  },
  folder_empty: {
    title: 'Nothing to look at in this folder',
    body: '"{file}" holds no pictures or videos.',
    remedy: 'Choose a folder with pictures or videos in it.',
  },
  ffmpeg_missing: {
    title: 'ffmpeg was not found',
    body: 'Videos are read with ffmpeg: {reason}.',
    remedy: 'Install ffmpeg, or set LONGLENS_FFMPEG to its path.',
  },
  model_not_found: {
    title: 'The model file is missing',
    body: '"{file}" is not in the model folder.',
    remedy: 'Choose another model, or import this one again.',
  },
  model_invalid: {
    title: 'The model file is damaged',
    body: '"{file}" is not a model that can be loaded safely: {reason}.',
    remedy: 'Import or download the model again.',
  },
  model_unsupported: {
    title: 'This model is of a kind that Longlens does not run',
    body: '"{file}": {reason}.',
    remedy: 'Use a LongLLaVA model imported with "longlens convert".',
  },
  checkpoint_invalid: {
    title: 'The checkpoint cannot be imported',
    body: '"{file}": {reason}.',
    remedy: 'Download the checkpoint again and check that every file is complete.',
  },
  checkpoint_unsupported: {
    title: 'This checkpoint is of a kind that cannot be imported',
    body: '"{file}": {reason}.',
    remedy: 'Use a LongLLaVA checkpoint in the official layout.',
  },
  output_exists: {
    title: 'There is something in that place already',
    body: '"{file}" exists and was left as it is.',
    remedy: 'Choose another name, or remove it first.',
  },
  disk_full: {
    title: 'Not enough free disk space',
    body: 'This needs about {need}; {free} is free on the disk of "{file}".',
    remedy: 'Free some space or choose another disk.',
  },
  request_too_long: {
    title: 'This is more than can be read at once',
    body: 'The request takes {tokens} tokens; there is room for {limit}.',
    remedy: '{plan}',
  },
  out_of_memory: {
    title: 'Not enough memory',
    body: 'This needs {need}; {free} is free.',
    remedy: 'Use fewer frames, a smaller context, or a more strongly quantized model.',
  },
  engine_unavailable: {
    title: 'The engine could not be started',
    body: '{reason}.',
    remedy: 'Run "longlens doctor" to see what is missing.',
  },
  engine_crashed: {
    title: 'The engine stopped and restarted',
    body: 'Your last question was not answered; the rest is safe.',
    remedy: 'Ask again.',
  },
  engine_unresponsive: {
    title: 'The engine does not answer',
    body: 'Nothing was heard from the engine for {seconds} seconds.',
    remedy: 'Wait a little, or restart the engine and ask again.',
  },
  engine_failed: {
    title: 'The engine could not finish this',
    body: '{reason}.',
    remedy: 'Ask again; if it happens twice, run "longlens doctor --json" and report what it prints.',
  },
  state_invalid: {
    title: 'A saved reading could not be used',
    body: '"{file}": {reason}.',
    remedy: 'Nothing is lost: the media will be read again.',
  },
  golden_invalid: {
    title: 'The reference folder cannot be used',
    body: '"{file}": {reason}.',
    remedy: 'Check that the folder holds a checkpoint, golden.json and golden.safetensors.',
  },
  gone: {
    title: 'This is not here any more',
    body: 'The {what} was removed, perhaps in another window.',
    remedy: 'Choose another one, or undo the removal.',
  },
  upload_too_large: {
    title: 'The file is too large to send',
    body: '"{file}" is larger than the {limit} that are accepted over the network.',
    remedy: 'Copy it to the machine that runs Longlens and add it by its path.',
  },
  database_newer: {
    title: 'The library was written by a newer Longlens',
    body: '"{file}" has version {found}; this program knows versions up to {known}.',
    remedy: 'Update Longlens; nothing was changed.',
  },
  database_damaged: {
    title: 'The library is damaged',
    body: '"{file}" did not pass its integrity check: {reason}.',
    remedy: 'Put back a copy of the file, or move it away to begin with an empty library.',
  },
  cancelled: {
    title: 'Stopped',
    body: 'This was stopped before it was done.',
    remedy: 'Start it again when you like.',
  },
  internal: {
    title: 'Something unexpected happened',
    body: '{reason}.',
    remedy: 'Try again; if it happens twice, please report it with the details.',
  },
} as const satisfies Record<string, ErrorText>

export type ErrorCode = keyof typeof errorTexts
export const errorCodes = Object.keys(errorTexts) as ErrorCode[]

/** Values for the `{name}` places of an error's texts, and facts for a bug report. JSON-safe. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>

/**
 * A failure with a code from the list. `message` is for developers (expected what, for which name, got what);
 * `describe(error)` gives the texts for people.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

/** Fills `{name}` places; a place without a detail is filled with "unknown". Large numbers are grouped. */
function fill(text: string, details: ErrorDetails): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = details[name] ?? 'unknown'
    return typeof value === 'number' ? value.toLocaleString('en') : String(value)
  })
}

/** The texts for people of an error, with its details filled in. */
export function describe(error: AppError): ErrorText {
  const text = errorTexts[error.code]
  return {
    title: fill(text.title, error.details),
    body: fill(text.body, error.details),
    remedy: fill(text.remedy, error.details),
  }
}

/** Turns anything thrown into an AppError: AppErrors stay, aborts become `cancelled`, the rest `internal`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof Error && (thrown.name === 'AbortError' || thrown.name === 'CancelError')) {
    return new AppError('cancelled', thrown.message, {}, { cause: thrown })
  }
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new AppError('internal', reason, { reason }, { cause: thrown })
}

export function isCancelled(thrown: unknown): boolean {
  return toAppError(thrown).code === 'cancelled'
}
