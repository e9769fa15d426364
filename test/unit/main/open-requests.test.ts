import { expect, it } from 'vitest'
import { OpenRequests, pathsInCommandLine } from '../../../main/lifecycle/open-requests'

it('keeps files until there is somebody to take them, then hands each over at once', () => {
  const requests = new OpenRequests()
  const taken: string[][] = []
  requests.request(['/a.mp4'])
  requests.request(['/b.mp4'])

  requests.deliverTo((paths) => taken.push([...paths]))
  requests.request(['/c.mp4'])
  requests.request([])

  expect(taken).toEqual([['/a.mp4', '/b.mp4'], ['/c.mp4']])
})

it('finds the files of a command line, packaged and not, without Chromium’s switches', () => {
  const packaged = ['/opt/longlens/longlens', '--no-sandbox', 'film.mp4', '/other/b.mkv', '']
  expect(pathsInCommandLine(packaged, true, '/home/ann')).toEqual(['/home/ann/film.mp4', '/other/b.mkv'])

  const fromDesktop = ['/opt/longlens/longlens', 'file:///home/ann/a%20film.mp4', 'file://elsewhere/b.mp4']
  expect(pathsInCommandLine(fromDesktop, true, '/')).toEqual([
    '/home/ann/a film.mp4',
    'file://elsewhere/b.mp4',
  ])

  const unpacked = ['/electron', '/repository', '--inspect=0', 'film.mp4']
  expect(pathsInCommandLine(unpacked, false, '/home/ann')).toEqual(['/home/ann/film.mp4'])
  expect(pathsInCommandLine(['/electron', '/repository'], false, '/home/ann')).toEqual([])
})
