import type { MenuItemConstructorOptions } from 'electron'
import { expect, it, vi } from 'vitest'
import { menuTemplate, type MenuActions } from '../../../main/menu/menu-template'

const actions: MenuActions = {
  openFiles: vi.fn(),
  openFolder: vi.fn(),
  newConversation: vi.fn(),
  openSettings: vi.fn(),
  crashEngine: vi.fn(),
  hangEngine: vi.fn(),
  starveEngine: vi.fn(),
  restartEngine: vi.fn(),
  showLogs: vi.fn(),
  copyDiagnostics: vi.fn(),
}

function flat(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])])
}

it('puts Quit under File, and in the application menu on a Mac', () => {
  const roles = (platform: NodeJS.Platform) => flat(menuTemplate(actions, platform)).map(({ role }) => role)

  expect(roles('linux')).toContain('quit')
  expect(roles('linux')).not.toContain('appMenu')
  expect(roles('darwin')[0]).toBe('appMenu')
  expect(roles('darwin')).not.toContain('quit')
})

it('leaves the keys to the page that the page handles', () => {
  const items = flat(menuTemplate(actions, 'linux'))
  const keys = (isTaken: boolean) =>
    items
      .filter(({ registerAccelerator = true }) => registerAccelerator === isTaken)
      .flatMap(({ accelerator }) => accelerator ?? [])

  expect(keys(true)).toEqual(['CmdOrCtrl+O', 'CmdOrCtrl+Shift+O'])
  expect(keys(false)).toEqual(['CmdOrCtrl+N', 'CmdOrCtrl+,'])
})

it('has an entry for every action', () => {
  const clicks = flat(menuTemplate(actions, 'win32')).flatMap(({ click }) => click ?? [])

  expect(new Set(clicks)).toEqual(new Set(Object.values(actions)))
})
