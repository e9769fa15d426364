export { AddMenu } from './add-menu'
export { DropTarget } from './drop-target'
export { LibraryPanel } from './library-panel'
export { selectOpenItem } from './library-selectors'
