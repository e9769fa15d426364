import { needReady, theApp } from './lifecycle'
import { missing, onlyKeys, strict } from './strict'

/** A dialog that waits for the person. */
export interface ShownDialog {
  readonly kind: 'open' | 'message'
  readonly options: object
  readonly answer: (value: object) => void
}

/** What the hand can see and touch. */
export const desktop = {
  dialogs: [] as ShownDialog[],
  errorBoxes: [] as { title: string; content: string }[],
  clipboard: '',
  menu: [] as MenuItem[],
}

const OPEN_KEYS = ['title', 'buttonLabel', 'properties', 'filters']
const MESSAGE_KEYS = ['type', 'message', 'detail', 'buttons', 'defaultId', 'cancelId']

function show(kind: ShownDialog['kind'], args: readonly object[], keys: readonly string[]): Promise<object> {
  needReady('dialog')
  const options = args.at(-1) ?? {}
  onlyKeys(`dialog (${kind})`, options, keys)
  return new Promise((answer) => desktop.dialogs.push({ kind, options, answer }))
}

export const dialog = strict('dialog', {
  showOpenDialog: (...args: object[]) => show('open', args, OPEN_KEYS),
  showMessageBox: (...args: object[]) => show('message', args, MESSAGE_KEYS),
  showErrorBox: (title: string, content: string): void => {
    process.stderr.write(`error box: ${title}\n${content}\n`)
    desktop.errorBoxes.push({ title, content })
  },
})

export const clipboard = strict('clipboard', {
  writeText: (text: string): Promise<void> => {
    desktop.clipboard = text
    return Promise.resolve()
  },
})

const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }

export const screen = strict('screen', {
  getPrimaryDisplay: () => {
    needReady('screen')
    return display
  },
  getAllDisplays: () => [display],
})

export interface MenuItem {
  label?: string
  role?: string
  type?: string
  accelerator?: string
  registerAccelerator?: boolean
  click?: () => void
  submenu?: MenuItem[]
}

const ROLES = [
  ...['quit', 'close', 'about', 'reload', 'resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'],
  ...['toggleDevTools', 'appMenu', 'editMenu', 'windowMenu'],
]

function checkMenu(items: readonly MenuItem[]): void {
  for (const item of items) {
    onlyKeys('menu item', item, [
      ...['label', 'role', 'type', 'accelerator', 'registerAccelerator', 'click', 'submenu'],
    ])
    if (item.role !== undefined && !ROLES.includes(item.role)) throw missing(`the menu role ${item.role}`)
    if (item.label === undefined && item.role === undefined && item.type !== 'separator')
      throw new Error('a menu item needs a label, a role or a type')
    checkMenu(item.submenu ?? [])
  }
}

export const Menu = strict('Menu', {
  buildFromTemplate: (template: MenuItem[]): MenuItem[] => {
    checkMenu(template)
    return template
  },
  setApplicationMenu: (menu: MenuItem[]): void => {
    desktop.menu = menu
  },
})

/** A person's choice in the menu bar, by the labels without `&`; a role stands for its own label. */
export function clickMenu(path: readonly string[]): void {
  let items = desktop.menu
  let found: MenuItem | undefined
  for (const step of path) {
    found = items.find(({ label, role }) => label?.replace('&', '') === step || role === step)
    if (found === undefined) throw new Error(`expected a menu entry "${step}" in ${path.join(' › ')}`)
    items = found.submenu ?? []
  }
  if (found?.click !== undefined) found.click()
  else if (found?.role === 'quit') theApp.quit()
  else throw missing(`a click on ${path.join(' › ')}`)
}
