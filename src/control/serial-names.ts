/** Ids behind the serials that events and counters carry, as the catalog has them now. */
import { campaignKind } from '../domain/campaign.ts'
import { exchangeKind } from '../domain/exchange.ts'
import { type Serial, type SerialKind, serialOf } from '../domain/serial.ts'
import type { CatalogView } from './catalog-desk.ts'

/** Where something was shown. */
export interface PlaceName {
  readonly kind: 'exchange' | 'medium'
  readonly id: string
}

/** Ids by serial. A serial takes 1 µs to make, so those of a revision are kept. */
export class SerialNames {
  readonly #media: readonly string[]
  #revision = -1
  #campaigns: ReadonlyMap<Serial, string> = new Map()
  #places: ReadonlyMap<Serial, PlaceName> = new Map()

  /** `media`: names of all media, which are no catalog entities. */
  constructor(media: Iterable<string>) {
    this.#media = [...media]
  }

  /** Makes the names those of this view. */
  follow(view: CatalogView): void {
    if (view.revision === this.#revision) return
    this.#revision = view.revision
    this.#campaigns = new Map(
      view.all(campaignKind).map(({ id }) => [serialOf('campaign', id), id] as const),
    )
    const exchanges = view.all(exchangeKind).map(({ id }) => ({ kind: 'exchange', id }) as const)
    const media = this.#media.map((id) => ({ kind: 'medium', id }) as const)
    this.#places = new Map([...exchanges, ...media].map((place) => [serialOfPlace(place), place]))
  }

  /** Null for none, and for one that is not in the catalog any more. */
  campaign(serial: Serial): string | null {
    return this.#campaigns.get(serial) ?? null
  }

  place(serial: Serial): PlaceName | null {
    return this.#places.get(serial) ?? null
  }
}

function serialOfPlace({ kind, id }: PlaceName): Serial {
  return serialOf(kind satisfies SerialKind, id)
}
