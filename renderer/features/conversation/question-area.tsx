import { Button } from '../../shared/ui/button'
import { FailureNotice } from '../../shared/ui/failure-notice'
import { useApp } from '../../store/app-context'
import { RemedyButton } from '../remedies'
import { QuestionBox } from './question-box'

/** Where the next question is written, with what went wrong with it or with its conversation. */
export function QuestionArea() {
  const failure = useApp((state) => state.conversationFailure)
  const dismiss = useApp((state) => state.dismissConversationFailure)
  const retry = useApp((state) => state.retryConversation)
  return (
    <div>
      {failure !== null && (
        <FailureNotice
          failure={failure}
          action={
            <>
              <RemedyButton failure={failure} retry={retry} />
              <Button onClick={dismiss}>Close</Button>
            </>
          }
        />
      )}
      <QuestionBox />
    </div>
  )
}
