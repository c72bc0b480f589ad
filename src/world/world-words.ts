/** The words of the world: places, devices, topics, packs, formats. Positions are its codes. */

/** A country with its cities; offsets are those of its largest city in January. */
export interface Country {
  readonly alpha3: string
  readonly language: string
  readonly utcOffsetMin: number
  readonly share: number
  readonly cities: readonly (readonly [region: string, city: string])[]
  readonly carriers: readonly string[]
}

export const countries: readonly Country[] = [
  country('USA', 'en', -300, 30, ['NY New York', 'IL Chicago', 'TX Houston', 'GA Atlanta'], 'AB'),
  country('CAN', 'en', -300, 8, ['ON Toronto', 'QC Montreal', 'ON Ottawa'], 'CD'),
  country('BRA', 'pt', -180, 14, ['SP Sao Paulo', 'RJ Rio de Janeiro', 'DF Brasilia'], 'EF'),
  country('MEX', 'es', -360, 10, ['CMX Mexico City', 'JAL Guadalajara', 'NLE Monterrey'], 'GH'),
  country('IND', 'hi', 330, 16, ['MH Mumbai', 'DL Delhi', 'KA Bengaluru', 'TN Chennai'], 'IJ'),
  country('JPN', 'ja', 540, 9, ['13 Tokyo', '27 Osaka', '01 Sapporo'], 'KL'),
  country('AUS', 'en', 660, 6, ['NSW Sydney', 'VIC Melbourne'], 'MN'),
  country('IDN', 'id', 420, 7, ['JK Jakarta', 'JI Surabaya', 'BA Denpasar'], 'OP'),
]

/** Operating systems as the campaigns of the world name them. */
export const systems = ['ios', 'android', 'windows', 'mac'] as const

/** A kind of device: what the request says, and how dear it is (0-3). */
export interface DeviceKind {
  readonly make: string
  readonly model: string
  /** Position in `systems`. */
  readonly system: number
  readonly osVersion: string
  /** AdCOM device type: 2 PC, 4 phone, 5 tablet. */
  readonly type: 2 | 4 | 5
  readonly tier: number
}

export const deviceKinds: readonly DeviceKind[] = [
  ...kinds('Apple', 0, '17.4', 4, ['iPhone SE 1', 'iPhone 12 2', 'iPhone 14 2', 'iPhone 15 3']),
  ...kinds('Apple', 0, '16.6', 4, ['iPhone 8 0', 'iPhone 11 1', 'iPhone 13 2']),
  ...kinds('Apple', 0, '17.2', 5, ['iPad 9 1', 'iPad Pro 3']),
  ...kinds('Samsung', 1, '14', 4, ['Galaxy A14 0', 'Galaxy A54 1', 'Galaxy S22 2', 'Galaxy S24 3']),
  ...kinds('Samsung', 1, '13', 5, ['Galaxy Tab A8 0', 'Galaxy Tab S9 2']),
  ...kinds('Xiaomi', 1, '13', 4, ['Redmi 10 0', 'Redmi Note 12 1', 'Mi 13 2']),
  ...kinds('Motorola', 1, '12', 4, ['Moto E13 0', 'Moto G52 1']),
  ...kinds('Google', 1, '14', 4, ['Pixel 7a 1', 'Pixel 8 2']),
  ...kinds('PC', 2, '10.0', 2, ['Notebook 1', 'Workstation 2']),
  ...kinds('Apple', 3, '14.3', 2, ['MacBook Air 2', 'MacBook Pro 3']),
]

/** IAB Content 1.0 categories of advertisers, and of sites and apps. */
export const adCategories: readonly string[] = iab(24, 1)
export const topics: readonly string[] = [
  ...['IAB1', 'IAB2', 'IAB3', 'IAB5', 'IAB6', 'IAB7', 'IAB8', 'IAB9', 'IAB12', 'IAB17'],
  ...['IAB19', 'IAB20'],
]

/** Interests a user may have, by pack; the score of the pack says how strong. */
export const segmentCount = 20
export const ageNames = ['18', '25', '35', '45', '55', '65'] as const
/** Years of birth that stand for the ages. */
export const birthYears = [2005, 1997, 1987, 1977, 1967, 1957] as const
export const lifecycleNames = ['buyers', 'carts', 'lapsed'] as const

/** All packs; a pack's position is its bit in a user's mask. */
export const packIds: readonly string[] = [
  ...Array.from({ length: segmentCount }, (_, segment) => segmentPackId(segment)),
  ...ageNames.map((age) => `age-${age}`),
  'women',
  ...lifecycleNames,
]
/** Bits of the packs that are no segments. */
export const ageBit = packIds.indexOf('age-18')
export const womenBit = ageBit + ageNames.length
export const lifecycleBit = womenBit + 1

/** Id type and scope that packs are uploaded with: the exchange's user match. */
export const packIdType = 'buyer_uid'
export const worldExchange = 'world'

/** A group of creatives that fit the same slots. Position is the group's code. */
export interface FormatGroup {
  readonly format: 'banner' | 'video' | 'audio' | 'native'
  readonly w: number
  readonly h: number
  /** Share of the creatives. */
  readonly share: number
}

export const formatGroups: readonly FormatGroup[] = [
  { format: 'banner', w: 300, h: 250, share: 0.3 },
  { format: 'banner', w: 320, h: 50, share: 0.22 },
  { format: 'banner', w: 728, h: 90, share: 0.08 },
  { format: 'banner', w: 300, h: 600, share: 0.05 },
  { format: 'native', w: 0, h: 0, share: 0.2 },
  { format: 'video', w: 640, h: 360, share: 0.1 },
  { format: 'audio', w: 0, h: 0, share: 0.05 },
]

/** What one impression may ask for: bits of `formatGroups`, by channel, with shares. */
export const slotKinds: readonly (readonly {
  readonly groups: number
  readonly share: number
}[])[] = [
  // Sites: rectangles, leaderboards, half pages, cards, films; a few take two kinds.
  [
    { groups: 0b0000001, share: 40 },
    { groups: 0b0000100, share: 12 },
    { groups: 0b0001000, share: 8 },
    { groups: 0b0001001, share: 6 },
    { groups: 0b0010000, share: 16 },
    { groups: 0b0100000, share: 10 },
    { groups: 0b0100001, share: 8 },
  ],
  // Apps: small banners, rectangles, cards, films, sound.
  [
    { groups: 0b0000010, share: 38 },
    { groups: 0b0000001, share: 16 },
    { groups: 0b0010001, share: 6 },
    { groups: 0b0010000, share: 18 },
    { groups: 0b0100000, share: 14 },
    { groups: 0b1000000, share: 8 },
  ],
]

/** Bundle, domain or id of a place is made of its number: sites are even, apps odd. */
export const inventoryCount = 600
export const tagsEach = 3
/** `pos` of a tag: above the fold, below it, sidebar (AdCOM "Placement Positions"). */
export const tagPositions = [1, 3, 6] as const

function segmentPackId(segment: number): string {
  return `segment-${String(segment).padStart(2, '0')}`
}

// oxlint-disable-next-line max-params -- one line of a table
function country(
  alpha3: string,
  language: string,
  utcOffsetMin: number,
  share: number,
  cities: readonly string[],
  carrierLetters: string,
): Country {
  return {
    alpha3,
    language,
    utcOffsetMin,
    share,
    cities: cities.map((text) => {
      const space = text.indexOf(' ')
      return [text.slice(0, space), text.slice(space + 1)] as const
    }),
    carriers: carrierLetters.split('').map((letter) => `Carrier ${letter}`),
  }
}

/** `models`: names with the tier as their last word. */
// oxlint-disable-next-line max-params -- one line of a table
function kinds(
  make: string,
  system: number,
  osVersion: string,
  type: DeviceKind['type'],
  models: readonly string[],
): DeviceKind[] {
  return models.map((text) => ({
    make,
    model: text.slice(0, -2),
    system,
    osVersion,
    type,
    tier: Number(text.slice(-1)),
  }))
}

function iab(count: number, first: number): string[] {
  return Array.from({ length: count }, (_, index) => `IAB${index + first}`)
}
