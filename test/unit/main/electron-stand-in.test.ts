import { expect, it } from 'vitest'
import { Menu } from '../../helpers/electron-stand-in/desktop'
import { app } from '../../helpers/electron-stand-in/lifecycle'
import { MessageChannelMain } from '../../helpers/electron-stand-in/ports'
import { protocol } from '../../helpers/electron-stand-in/protocol'
import { session } from '../../helpers/electron-stand-in/session'
import { utilityProcess } from '../../helpers/electron-stand-in/utility-process'

// The stand-in must not let a program pass that uses what it does not have.
it('throws for a function, a property, an event, an option and a role that it does not implement', () => {
  const loose = app as unknown as Record<string, () => unknown>
  expect(() => loose['getGPUInfo']?.()).toThrow('the electron stand-in does not implement app.getGPUInfo')
  expect(() => {
    loose['badgeCount'] = () => 1
  }).toThrow('app.badgeCount')
  expect(() => app.on('browser-window-blur', () => undefined)).toThrow('"browser-window-blur"')
  expect(() => {
    app.setPath('logs', '/tmp')
  }).toThrow('app.setPath("logs")')
  expect(() => Menu.buildFromTemplate([{ role: 'services' }])).toThrow('services')
  expect(() =>
    Menu.buildFromTemplate([{ label: 'Open', acceleratorWorksWhenHidden: false } as object]),
  ).toThrow('acceleratorWorksWhenHidden')
})

it('keeps Electron’s order: some things only before ready, others only after', () => {
  expect(() => session.defaultSession).toThrow('after the app is ready')
  expect(() => utilityProcess.fork('x.js', [], { serviceName: '', stdio: [] })).toThrow(
    'after the app is ready',
  )
  expect(() => {
    protocol.handle('longlens', () => new Response())
  }).toThrow('after the app is ready')
})

it('holds a port’s messages until it is started, as Electron does', () => {
  const { port1, port2 } = new MessageChannelMain()
  const heard: unknown[] = []
  port1.on('message', ({ data }: { data: unknown }) => heard.push(data))
  port2.postMessage('early')
  expect(heard).toEqual([])

  port1.start()
  port2.postMessage('late')
  expect(heard).toEqual(['early', 'late'])
})
