import { Button } from '../../shared/ui/button'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useApp } from '../../store/app-context'
import { RemedyButton } from '../remedies'
import { QuestionBox } from './question-box'

/** Where the next question is written, with what went wrong with the last one before it became a turn. */
export function QuestionArea() {
  const failure = useApp((state) => state.conversationFailure)
  const dismiss = useApp((state) => state.dismissConversationFailure)
  const draft = useApp((state) => state.draft.text)
  const ask = useApp((state) => state.ask)
  return (
    <div>
      {failure !== null && (
        <FailureNotice
          failure={failure}
          action={
            <>
              {draft !== '' && <RemedyButton failure={failure} retry={() => ask()} />}
              <Button onClick={dismiss}>Close</Button>
            </>
          }
        />
      )}
      <QuestionBox />
    </div>
  )
}
