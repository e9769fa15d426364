export { rememberedItem } from './remembered-item'
export { VideoControls } from './video-controls'
export { ViewerPanel } from './viewer-panel'
