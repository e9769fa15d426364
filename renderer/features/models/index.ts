export { ModelsDialog } from './models-dialog'
