/** Users: made on demand from seed and index, never stored. */
import { Draws, pickShare } from './draws.ts'
import { addRow } from './vector.ts'
import {
  ageBit,
  ageNames,
  countries,
  deviceKinds,
  lifecycleBit,
  segmentCount,
  womenBit,
} from './world-words.ts'

/** Width of every latent vector. */
export const latentWidth = 8

/** Part of a user's interests that no pack, place or device tells. */
const ownSpread = 0.08
/** Share of users whose second interest is missing from its pack: packs are never complete. */
const missingShare = 0.02
/** Share of users who limit ad tracking. */
const limitedShare = 0.02

/** A user. Latent: `vector`. All else can be seen in requests and packs, ids apart. */
export interface User {
  readonly index: number
  /** Two different segments, and the weight of the first, in [0.5, 1]. */
  readonly segment: number
  readonly secondSegment: number
  readonly share: number
  readonly age: number
  readonly isWoman: boolean
  /** 0 none, else 1 + position in `lifecycleNames`. */
  readonly lifecycle: number
  readonly country: number
  readonly city: number
  readonly carrier: number
  /** Position in `deviceKinds`. */
  readonly device: number
  readonly isLimited: boolean
  /** Packs as bits of `packIds`. */
  readonly packs: number
  readonly vector: Float64Array
}

const countryShares = countries.map(({ share }) => share)
const ageShares = [18, 24, 22, 16, 12, 8]
/** Nobody, buyers, carts, lapsed. */
const lifecycleShares = [76, 6, 10, 8]

const Part = {
  Segment: 0,
  Second: 1,
  Score: 2,
  Age: 3,
  Woman: 4,
  Lifecycle: 5,
  Country: 6,
  City: 7,
  Carrier: 8,
  Device: 9,
  Limited: 10,
  Missing: 11,
  Id: 12,
  Own: 0,
} as const

/** Makes users. */
export class Users {
  readonly count: number
  readonly #draws: Draws
  /** Interest vectors of the segments. */
  readonly #segments: Float64Array

  constructor(seed: number, count: number) {
    this.count = count
    this.#draws = new Draws(seed, 'users')
    const draws = new Draws(seed, 'segments')
    this.#segments = Float64Array.from({ length: segmentCount * latentWidth }, (_, i) =>
      draws.normal(i, 0),
    )
  }

  /** User `index` of [0, count). */
  user(index: number): User {
    const draws = this.#draws
    const segment = draws.whole(index, Part.Segment, segmentCount)
    const step = 1 + draws.whole(index, Part.Second, segmentCount - 1)
    const secondSegment = (segment + step) % segmentCount
    const score = 128 + draws.whole(index, Part.Score, 128)
    const age = pickShare(ageShares, draws.uniform(index, Part.Age))
    const isWoman = draws.uniform(index, Part.Woman) < 0.5
    const lifecycle = pickShare(lifecycleShares, draws.uniform(index, Part.Lifecycle))
    const country = pickShare(countryShares, draws.uniform(index, Part.Country))
    const { cities, carriers } = countries[country] ?? { cities: [], carriers: [] }
    const isMissing = draws.uniform(index, Part.Missing) < missingShare
    const share = score / 255
    return {
      index,
      segment,
      secondSegment,
      share,
      age,
      isWoman,
      lifecycle,
      country,
      city: draws.whole(index, Part.City, cities.length),
      carrier: draws.whole(index, Part.Carrier, carriers.length),
      device: pickShare(deviceShares[age] ?? [], draws.uniform(index, Part.Device)),
      isLimited: draws.uniform(index, Part.Limited) < limitedShare,
      packs:
        bit(segment) |
        (isMissing ? 0 : bit(secondSegment)) |
        bit(ageBit + age) |
        (isWoman ? bit(womenBit) : 0) |
        (lifecycle === 0 ? 0 : bit(lifecycleBit + lifecycle - 1)),
      vector: this.#vector(index, segment, secondSegment, share),
    }
  }

  /** What the packs tell of a user's interests: the vector without the user's own part. */
  visibleVector({ segment, secondSegment, share }: User): Float64Array {
    const vector = new Float64Array(latentWidth)
    addRow(vector, this.#segments, segment, share)
    addRow(vector, this.#segments, secondSegment, 1 - share)
    return vector
  }

  // oxlint-disable-next-line max-params -- the parts of a user that is being made
  #vector(index: number, segment: number, second: number, share: number): Float64Array {
    const vector = new Float64Array(latentWidth)
    addRow(vector, this.#segments, segment, share)
    addRow(vector, this.#segments, second, 1 - share)
    for (let i = 0; i < latentWidth; i++) {
      vector[i] = (vector[i] ?? 0) + ownSpread * this.#draws.normal(index, Part.Own + i)
    }
    return vector
  }

  /** A version 4 UUID of 122 drawn bits: `user.buyeruid` of requests, and the lines of packs. */
  idOf({ index }: User): string {
    const words = [0, 1, 2, 3].map((i) => hex32(this.#draws.word(index, Part.Id + i)))
    const hex = words.join('')
    const variant = '89ab'[this.#draws.whole(index, Part.Id + 4, 4)] ?? '8'
    const middle = `${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}`
    return `${hex.slice(0, 8)}-${middle}-${hex.slice(20)}`
  }
}

/** Score 0-255 of a segment pack for a user who is in it; -1 for packs without scores. */
export function packScore(user: User, pack: number): number {
  if (pack === user.segment) return Math.round(user.share * 255)
  if (pack === user.secondSegment) return 255 - Math.round(user.share * 255)
  return -1
}

/** Packs of a mask, by ascending bit. */
export function packsOf(mask: number): number[] {
  const packs: number[] = []
  for (let left = mask; left !== 0; left &= left - 1) packs.push(31 - Math.clz32(left & -left))
  return packs
}

/** Middle ages have dearer devices; computers are a fifth. */
const deviceShares: readonly (readonly number[])[] = ageNames.map((_, age) => {
  const wealth = age === 0 ? 0 : age < 4 ? 2 : 1
  return deviceKinds.map(({ tier, type }) => (type === 2 ? 1.6 : 1) * (4 - Math.abs(tier - wealth)))
})

function bit(pack: number): number {
  return 1 << pack
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0')
}

/** Names are of the same list that the packs' bits are. */
export const ageCount = ageNames.length
