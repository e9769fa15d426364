import { useApp } from '../../store/app-context'
import { Dialog } from '../../shared/ui/dialog'
import { commands } from './commands'
import { shownKeys } from './match-keys'
import styles from './shortcuts-dialog.module.css'

const groups = ['Conversation', 'Viewer', 'Program'] as const

/** Keys that the question box handles itself, listed with the rest. */
const questionKeys = [
  { title: 'Ask', keys: ['Enter'] },
  { title: 'New line in the question', keys: ['Shift+Enter'] },
]

export function ShortcutsDialog() {
  const close = useApp((state) => state.closeShortcuts)
  return (
    <Dialog title="Keys" onClose={close}>
      {groups.map((group) => (
        <section key={group} className={styles.group}>
          <h3 className={styles.heading}>{group}</h3>
          <dl className={styles.list}>
            {[
              ...(group === 'Conversation' ? questionKeys : []),
              ...commands.filter((one) => one.group === group),
            ].map(({ title, keys }) => (
              <div key={title} className={styles.row}>
                <dt>{title}</dt>
                <dd>
                  {keys.map((one) => (
                    <kbd key={one} className={styles.key}>
                      {shownKeys(one)}
                    </kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  )
}
