import type { ArtPack } from '../../../app/domain/world/draw/art'
import { drawScene } from '../../../app/domain/world/draw/draw-scene'
import type { Raster } from '../../../app/domain/world/draw/raster'
import { FADE_SECONDS, LAST_FADE_SECONDS, sceneOfShot, shotAt, type Film } from './film'

/** Pixels of each picture of a film in turn, [width / aspect, width, 3] bytes. */
export function* picturesOfFilm(film: Film, art: ArtPack, width: number): Generator<Uint8Array, void> {
  for (let picture = 0; picture < film.seconds * film.rate; picture += 1) {
    yield pictureAt(film, art, width, picture / film.rate).data
  }
}

function pictureAt(film: Film, art: ArtPack, width: number, seconds: number): Raster {
  const draw = (shot: number) => drawScene(sceneOfShot(film, shot, seconds), art, width)
  const shot = shotAt(film, seconds)
  const { start, opening } = film.shots[shot] ?? { start: 0, opening: 'cut' }
  const next = film.shots[shot + 1]
  const half = FADE_SECONDS / 2
  if (opening === 'fade' && seconds < start + half) {
    return mixed(draw(shot - 1), draw(shot), 0.5 + (seconds - start) / FADE_SECONDS)
  }
  if (next?.opening === 'fade' && seconds > next.start - half) {
    return mixed(draw(shot), draw(shot + 1), 0.5 + (seconds - next.start) / FADE_SECONDS)
  }
  const left = film.seconds - seconds
  return left < LAST_FADE_SECONDS ? darkened(draw(shot), left / LAST_FADE_SECONDS) : draw(shot)
}

/** `share` of `to`, the rest of `from`, in place of `from`. */
function mixed(from: Raster, to: Raster, share: number): Raster {
  from.data.forEach((level, at) => {
    from.data[at] = Math.round(level + ((to.data[at] ?? level) - level) * share)
  })
  return from
}

function darkened(picture: Raster, light: number): Raster {
  picture.data.forEach((level, at) => {
    picture.data[at] = Math.round(level * light)
  })
  return picture
}
