export { RemedyButton } from './remedy-button'
export { framesOfPlan } from './remedies'
