import { z } from 'zod'
import { settingsSchema, type Settings } from '../../contract/settings'
import type { Changes } from '../database/changes'
import type { Database } from '../database/database'

const defaults: Settings = {
  maxFrames: null,
  intervalSeconds: null,
  threads: null,
  maxTokens: null,
  contextTokens: null,
  theme: 'system',
}

const CHOSEN_MODEL = 'model.folder'

const row = z.object({ key: z.string(), value: z.string() })

/** The person's settings, one row each, so that two windows changing different ones do not undo each other. */
export class SettingsService {
  readonly #database: Database
  readonly #changes: Changes

  constructor(database: Database, changes: Changes) {
    this.#database = database
    this.#changes = changes
  }

  /** Unset ones have their defaults; so have values that this version does not understand. */
  get(): Settings {
    const stored = this.#database.all(row, 'SELECT key, value FROM settings')
    const known: Record<string, unknown> = { ...defaults }
    for (const { key, value } of stored) {
      const json = readJson(value)
      if (json === undefined) continue
      const parsed = settingsSchema.partial().safeParse({ [key]: json })
      if (parsed.success) Object.assign(known, parsed.data)
    }
    return settingsSchema.parse(known)
  }

  /** Saved when this returns. */
  set(changed: { readonly [Key in keyof Settings]?: Settings[Key] | undefined }): Settings {
    this.#changes.write(['settings'], () => {
      for (const [key, value] of Object.entries(changed)) if (value !== undefined) this.#put(key, value)
    })
    return this.get()
  }

  /** Folder of the chosen model; null until one was chosen. */
  chosenModel(): string | null {
    const found = this.#database.get(row, 'SELECT key, value FROM settings WHERE key = ?', CHOSEN_MODEL)
    const parsed = z.string().safeParse(found === undefined ? undefined : readJson(found.value))
    return parsed.success ? parsed.data : null
  }

  chooseModel(folder: string | null): void {
    this.#changes.write(['models'], () => {
      this.#put(CHOSEN_MODEL, folder)
    })
  }

  #put(key: string, value: unknown): void {
    this.#database.run(
      'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      key,
      JSON.stringify(value),
    )
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
