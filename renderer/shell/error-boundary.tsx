import { Component, type ErrorInfo, type ReactNode } from 'react'
import { Button } from '../shared/ui/button'
import { CopyDetails } from '../shared/ui/copy-details'
import styles from './error-boundary.module.css'

interface ErrorBoundaryState {
  readonly error: Error | null
}

/** A fault in drawing the window: says so and offers to draw it anew. What was asked and answered is saved elsewhere. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { error: null }

  static getDerivedStateFromError(error: Error): ErrorBoundaryState {
    return { error }
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack)
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    return (
      <main className={styles.fault} role="alert">
        <h1>The window could not be drawn</h1>
        <p>Your library and conversations are safe. Draw the window again to go on.</p>
        <Button
          look="primary"
          onClick={() => {
            window.location.reload()
          }}
        >
          Draw it again
        </Button>
        <CopyDetails text={`${error.message}\n${error.stack ?? ''}`} />
      </main>
    )
  }
}
