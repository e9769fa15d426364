import type { ComponentProps, ReactNode } from 'react'
import styles from './button.module.css'

type ButtonProps = ComponentProps<'button'> & {
  /** `primary`: the one thing to do here; `plain`: everything else; `quiet`: no ground until hovered. */
  readonly look?: 'primary' | 'plain' | 'quiet'
  readonly icon?: ReactNode
}

export function Button({ look = 'plain', icon, children, className, ...rest }: ButtonProps) {
  const classes = [styles.button, styles[look], className].filter(Boolean).join(' ')
  return (
    <button type="button" className={classes} {...rest}>
      {icon}
      {children}
    </button>
  )
}

type IconButtonProps = Omit<ComponentProps<'button'>, 'children'> & {
  /** Accessible name and tooltip. */
  readonly label: string
  /** Shown in the tooltip, e.g. "Space". */
  readonly shortcut?: string
  readonly icon: ReactNode
}

/** A button that shows only an icon; its label and shortcut are its tooltip. */
export function IconButton({ label, shortcut, icon, className, ...rest }: IconButtonProps) {
  const classes = [styles.button, styles.quiet, styles.iconOnly, className].filter(Boolean).join(' ')
  const tooltip = shortcut === undefined ? label : `${label} (${shortcut})`
  return (
    <button type="button" className={classes} aria-label={label} title={tooltip} {...rest}>
      {icon}
    </button>
  )
}
