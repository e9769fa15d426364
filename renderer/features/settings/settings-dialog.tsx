import type { ReactNode } from 'react'
import type { Settings } from '../../../app/contract/settings'
import { Dialog } from '../../shared/ui/dialog'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useApp } from '../../store/app-context'
import { NumberField } from './number-field'
import styles from './settings-dialog.module.css'

const themes: readonly { value: Settings['theme']; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]

/** Few choices, each saved at once; an empty number means the model's or the machine's own. */
export function SettingsDialog() {
  const close = useApp((state) => state.closeSettings)
  const settings = useApp((state) => state.settings)
  const failure = useApp((state) => state.settingsFailure)
  const change = useApp((state) => state.changeSettings)
  const model = useApp((state) => state.models.find(({ chosen }) => chosen)?.description)
  /** What an empty field stands for, in the field itself. */
  const fromModel = (value: number | undefined) => ({
    placeholder: value?.toLocaleString('en') ?? '',
    hint: `Left empty, what ${model?.name ?? 'the model'} was made for.`,
  })
  return (
    <Dialog title="Settings" onClose={close}>
      {failure !== null && <FailureNotice failure={failure} />}
      {settings !== null && (
        <div className={styles.fields}>
          <NumberField
            label="Most frames of a video"
            {...fromModel(model?.video.maxFrames)}
            value={settings.maxFrames}
            isWhole
            largest={100_000}
            onChange={(maxFrames) => void change({ maxFrames })}
          />
          <NumberField
            label="Seconds between frames"
            {...fromModel(model?.video.intervalSeconds)}
            value={settings.intervalSeconds}
            largest={86_400}
            onChange={(intervalSeconds) => void change({ intervalSeconds })}
          />
          <NumberField
            label="Longest answer, tokens"
            {...fromModel(model?.sampling.maxTokens)}
            value={settings.maxTokens}
            isWhole
            largest={100_000}
            onChange={(maxTokens) => void change({ maxTokens })}
          />
          <NumberField
            label="Processor threads"
            placeholder="Automatic"
            hint="Left empty, as many as help beside what else is running."
            value={settings.threads}
            isWhole
            largest={512}
            onChange={(threads) => void change({ threads })}
          />
          <Field label="Appearance">
            <select
              aria-label="Appearance"
              value={settings.theme}
              onChange={(event) => {
                const theme = themes.find(({ value }) => value === event.target.value)
                if (theme !== undefined) void change({ theme: theme.value })
              }}
            >
              {themes.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </Field>
        </div>
      )}
      <FolderFacts />
    </Dialog>
  )
}

function Field({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={styles.field}>
      <span>{label}</span>
      {children}
    </div>
  )
}

function FolderFacts() {
  const folders = useApp((state) => state.folders)
  if (folders === null) return null
  return (
    <section className={styles.folders}>
      <h3>Folders</h3>
      <dl>
        <dt>Conversations and library</dt>
        <dd>{folders.data}</dd>
        <dt>Models</dt>
        <dd>{folders.models}</dd>
        <dt>Thumbnails, may be deleted at any time</dt>
        <dd>{folders.cache}</dd>
      </dl>
      <p>Set LONGLENS_HOME before starting Longlens to keep all three elsewhere.</p>
    </section>
  )
}
