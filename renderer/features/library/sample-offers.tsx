import { Film, Image as ImageIcon, Images } from 'lucide-react'
import type { LibraryItem, Sample, SampleKind } from '../../../app/contract/library'
import { useApp } from '../../store/app-context'
import styles from './sample-offers.module.css'

const kinds: Readonly<
  Record<
    SampleKind,
    { readonly words: string; readonly icon: typeof Film; readonly item: LibraryItem['kind'] }
  >
> = {
  film: { words: 'Sample film', icon: Film, item: 'video' },
  picture: { words: 'Large sample picture', icon: ImageIcon, item: 'image' },
  set: { words: 'Sample pictures', icon: Images, item: 'folder' },
}

/** The bundled samples that are not in the library yet, each with a small picture; nothing when there are none. */
export function SampleOffers({ heading }: { readonly heading: string }) {
  const samples = useApp((state) => state.samples)
  const items = useApp((state) => state.items)
  const offered = samples.filter(
    ({ kind }) => !items.some((item) => item.sample && item.kind === kinds[kind].item),
  )
  if (offered.length === 0) return null
  return (
    <section className={styles.offers}>
      <h3 className={styles.heading}>{heading}</h3>
      <ul className={styles.list}>
        {offered.map((sample) => (
          <li key={sample.kind}>
            <SampleOffer sample={sample} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function SampleOffer({ sample: { kind, title, about, icon } }: { readonly sample: Sample }) {
  const addSample = useApp((state) => state.addSample)
  const { words, icon: Icon } = kinds[kind]
  return (
    <button type="button" className={styles.offer} onClick={() => void addSample(kind)}>
      <span className={styles.picture}>
        {icon === null ? <Icon size={20} aria-hidden /> : <img src={icon} alt="" />}
      </span>
      <span className={styles.words}>
        <span className={styles.kind}>{words}</span>
        <span className={styles.title}>{title}</span>
        <span className={styles.about}>{about}</span>
      </span>
    </button>
  )
}
