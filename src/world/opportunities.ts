/** Impressions on offer: who looks at which place when. Row by row, from the seed alone. */
import { Draws, pickShare } from './draws.ts'
import { dayMs, type WorldSettings, worldStartMs } from './settings.ts'
import { type User, Users } from './users.ts'
import { at } from './vector.ts'
import {
  countries,
  deviceKinds,
  inventoryCount,
  slotKinds,
  tagsEach,
  topics,
} from './world-words.ts'

/** Where and how an ad would be shown. */
export interface Context {
  /** Number of the site (even) or app (odd). */
  readonly inventory: number
  readonly isApp: boolean
  /** Position in `topics`. */
  readonly topic: number
  /** Tag of the place, 0 to `tagsEach` - 1: its position on the page. */
  readonly tag: number
  /** Bits of `formatGroups` that fit. */
  readonly groups: number
  /** AdCOM connection type: 2 Wi-Fi, 6 cellular 4G. */
  readonly connection: 2 | 6
  readonly floorMicros: number
}

/** One impression. */
export interface Opportunity {
  readonly row: number
  readonly atMs: number
  readonly user: User
  readonly context: Context
}

/** Parts of a day's impressions by hour of the user's own clock. */
const hourShares = [
  ...[3, 2, 1.5, 1, 1, 1.5, 2.5, 4, 5, 5, 5, 5.5, 6, 5.5, 5, 5, 5, 5.5, 6, 7, 8, 8, 6.5, 4.5],
]
const hourShareMax = 8
/** Draws of a user until one is awake: the last one counts whatever the hour. */
const awakeTries = 6

const kindShares = slotKinds.map((kinds) => kinds.map(({ share }) => share))

const Part = {
  Time: 0,
  Place: 1,
  Tag: 2,
  Kind: 3,
  Connection: 4,
  Floor: 5,
  User: 16,
  Awake: 32,
} as const

/** Makes opportunities. */
export class Opportunities {
  readonly users: Users
  readonly #draws: Draws
  readonly #places: Draws
  readonly #settings: WorldSettings

  constructor(settings: WorldSettings) {
    this.#settings = settings
    this.users = new Users(settings.seed, settings.users)
    this.#draws = new Draws(settings.seed, 'rows')
    this.#places = new Draws(settings.seed, 'places')
  }

  /** Row `row` of [0, rows): rows ascend in time. */
  at(row: number): Opportunity {
    const { days, rows } = this.#settings
    const draws = this.#draws
    const spanMs = days * dayMs
    const atMs = worldStartMs + Math.floor(((row + draws.uniform(row, Part.Time)) / rows) * spanMs)
    const user = this.#awakeUser(row, atMs)
    return { row, atMs, user, context: this.#context(row, user) }
  }

  /** Topic of a site or app. */
  topicOf(inventory: number): number {
    return this.#places.whole(inventory, 0, topics.length)
  }

  /** User = count × uniform²: the busiest tenth of the users has a third of all rows. */
  #awakeUser(row: number, atMs: number): User {
    const draws = this.#draws
    for (let attempt = 0; ; attempt++) {
      const skewed = draws.uniform(row, Part.User + attempt)
      const user = this.users.user(Math.floor(skewed * skewed * this.users.count))
      const share = at(hourShares, localHour(atMs, user)) / hourShareMax
      if (attempt === awakeTries - 1 || draws.uniform(row, Part.Awake + attempt) < share) {
        return user
      }
    }
  }

  #context(row: number, user: User): Context {
    const draws = this.#draws
    const type = deviceKinds[user.device]?.type ?? 4
    const inventory = placeOf(draws.uniform(row, Part.Place), type)
    const isApp = inventory % 2 === 1
    const kinds = slotKinds[isApp ? 1 : 0] ?? []
    const kind = pickShare(kindShares[isApp ? 1 : 0] ?? [], draws.uniform(row, Part.Kind))
    return {
      inventory,
      isApp,
      topic: this.topicOf(inventory),
      tag: draws.whole(row, Part.Tag, tagsEach),
      groups: kinds[kind]?.groups ?? 1,
      connection: type === 2 || draws.uniform(row, Part.Connection) < 0.6 ? 2 : 6,
      floorMicros: 50_000 + 10_000 * draws.whole(row, Part.Floor, 40),
    }
  }
}

/**
 * Number of a site or app. Computers have no apps; on phones and tablets two of three impressions
 * are in one. Few places have most of the impressions, as users do.
 */
function placeOf(uniform: number, deviceType: number): number {
  const half = inventoryCount / 2
  const among = (share: number): number => Math.min(half - 1, Math.floor(share * share * half))
  if (deviceType === 2) return among(uniform) * 2
  return uniform < 2 / 3 ? among(uniform * 1.5) * 2 + 1 : among(uniform * 3 - 2) * 2
}

/** Minutes east of UTC of a user's clock. */
export function utcOffsetOf(user: User): number {
  return countries[user.country]?.utcOffsetMin ?? 0
}

/** Hour of a user's clock, 0-23. */
export function localHour(atMs: number, user: User): number {
  const minutes = Math.floor(atMs / 60_000) + utcOffsetOf(user)
  return Math.floor(minutes / 60) % 24
}
