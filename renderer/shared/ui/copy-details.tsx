import { useCopy } from '../use-copy'
import { Button } from './button'

interface CopyDetailsProps {
  readonly text: string
  readonly className?: string | undefined
}

/** Copies what is only worth reading in a report, and says whether it did. */
export function CopyDetails({ text, className }: CopyDetailsProps) {
  const { words, copy } = useCopy()
  return (
    <>
      <Button
        look="quiet"
        className={className}
        onClick={() => {
          copy(text)
        }}
      >
        Copy details
      </Button>
      <span role="status">{words}</span>
    </>
  )
}
