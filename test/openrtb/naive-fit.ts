/**
 * Whether a creative may be shown in an impression, once more: written from the specification
 * straight on the JSON of the request, without the engine's slots, shapes and tables, so that
 * agreement of both means something. Slow and plain on purpose.
 */
import type { Advertiser } from '../../src/domain/advertiser.ts'
import type { Creative, MediaFile, MediaPart, NativePart } from '../../src/domain/creative.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import type { FormatName } from '../../src/domain/format.ts'
import type { Json } from '../support/openrtb-decode.ts'

/** The object of a member, {} when it is none. */
export function object(parent: Json, name: string): Json {
  const value = parent[name]
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Json) : {}
}

/** The objects of a list. */
export function objects(parent: Json, name: string): Json[] {
  const value = parent[name]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []
}

/** A number, of a numeric text too; NaN when it is none. */
export function number(parent: Json, name: string): number {
  const value = parent[name]
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN
}

/** The number, or another where there is none or it is not above 0. */
export function positive(parent: Json, name: string, otherwise: number): number {
  const value = number(parent, name)
  return value > 0 ? value : otherwise
}

/** The numbers of a list. */
export function numbers(parent: Json, name: string): number[] {
  const value = parent[name]
  return Array.isArray(value) ? value.map(Number).filter((one) => !Number.isNaN(one)) : []
}

/** A text; '' when it is none. */
export function text(parent: Json, name: string): string {
  const value = parent[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** The texts of a list that are not empty. */
export function texts(parent: Json, name: string): string[] {
  const value = parent[name]
  return Array.isArray(value) ? value.map(String).filter((one) => one !== '') : []
}

/** True for the ways in which senders write "yes". */
export function isSet(parent: Json, name: string): boolean {
  const value = parent[name]
  return value === true || Number(value) >= 1
}

/** Every rule of the impression that the creative breaks as this format, by name. */
export function brokenByImp(
  creative: Creative,
  imp: Json,
  body: Json,
  format: FormatName,
): string[] {
  const slot = object(imp, format)
  const broken: string[] = []
  const check = (rule: string, holds: boolean): void => void (holds || broken.push(rule))
  check('format', creative.format === format && imp[format] !== undefined && imp[format] !== null)
  if (broken.length > 0) return broken
  check('secure', !isSet(imp, 'secure') || !loadsHttp(creative))
  check('battr', !attributesOf(creative).some((one) => numbers(slot, 'battr').includes(one)))
  const apis = [...numbers(slot, 'api'), ...numbers(slot, 'apis')]
  check(
    'api',
    creative.apis.every((api) => apis.includes(api)),
  )
  const { banner, video, audio, native } = creative
  if (format === 'banner' && banner !== null) {
    check('size', sizeFits(banner, slot, imp, body))
    check('btype', !numbers(slot, 'btype').includes(banner.type))
    check('mimes', mimeFits(texts(slot, 'mimes'), banner.mime))
    check(
      'expdir',
      banner.expands.every((one) => numbers(slot, 'expdir').includes(one)),
    )
  }
  const media = format === 'video' ? video : format === 'audio' ? audio : null
  if (media !== null) broken.push(...brokenByPlayer(media, slot))
  if (format === 'native' && native !== null) check('assets', nativeFits(native, slot))
  return broken
}

function loadsHttp(creative: Creative): boolean {
  const { banner, video, audio, native, impressionTrackers, clickTrackers } = creative
  return /http:\/\//i.test(
    JSON.stringify([banner, video, audio, native, impressionTrackers, clickTrackers]),
  )
}

function attributesOf({ attributes, banner, video, audio }: Creative): number[] {
  const all = [...attributes]
  if (video?.isSkippable || audio?.isSkippable) all.push(16)
  const expands = (banner?.expands.length ?? 0) > 0
  if (expands && !all.some((one) => one >= 3 && one <= 5)) all.push(3, 4, 5)
  return all
}

// oxlint-disable-next-line max-params -- a size, and the three objects that say what may be
function sizeFits(size: { w: number; h: number }, banner: Json, imp: Json, body: Json): boolean {
  if (size.w === 0 && size.h === 0) return true
  const formats = objects(banner, 'format')
  const exact = formats.filter((one) => number(one, 'w') >= 1 && number(one, 'h') >= 1)
  const ratios = formats.filter((one) => number(one, 'wratio') >= 1 && number(one, 'hratio') >= 1)
  const own = number(banner, 'w') >= 1 && number(banner, 'h') >= 1
  if (exact.length === 0 && ratios.length === 0 && own) exact.push(banner)
  if (exact.length + ratios.length === 0) return boundsFit(size, banner, imp, body)
  const isExact = exact.some((one) => number(one, 'w') === size.w && number(one, 'h') === size.h)
  return isExact || ratios.some((one) => ratioFits(size, one))
}

function ratioFits({ w, h }: { w: number; h: number }, ratio: Json): boolean {
  const wanted = number(ratio, 'wratio') / number(ratio, 'hratio')
  return Math.abs(w / h / wanted - 1) <= 0.0051 && w >= positive(ratio, 'wmin', 0)
}

// oxlint-disable-next-line max-params -- a size, and the three objects that say what may be
function boundsFit(size: { w: number; h: number }, banner: Json, imp: Json, body: Json): boolean {
  const bound = ['wmin', 'wmax', 'hmin', 'hmax'].map((name) => positive(banner, name, 0))
  const [wMin = 0, wMax = 0, hMin = 0, hMax = 0] = bound
  if (Math.max(...bound) > 0) {
    const isAbove = size.w >= wMin && size.h >= hMin
    return isAbove && size.w <= (wMax || Infinity) && size.h <= (hMax || Infinity)
  }
  const device = object(body, 'device')
  const [w, h] = [positive(device, 'w', 0), positive(device, 'h', 0)]
  if (!isSet(imp, 'instl') || w === 0 || h === 0) return true
  const ratio = Math.max(1, positive(device, 'pxratio', 1))
  return size.w <= w / ratio && size.h <= h / ratio
}

const sameMimes: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'audio/mp3': 'audio/mpeg',
  'text/javascript': 'application/javascript',
  'application/x-javascript': 'application/javascript',
}

function mimeFits(allowed: readonly string[], mime: string): boolean {
  const plain = (one: string) => sameMimes[one.trim().toLowerCase()] ?? one.trim().toLowerCase()
  return allowed.length === 0 || allowed.some((one) => plain(one) === plain(mime))
}

/** VAST 2.0 to 4.3: the number of a document and that of a wrapper. */
const vast = [
  [2, 5],
  [3, 6],
  [7, 8],
  [11, 12],
  [13, 14],
  [15, 16],
] as const

function brokenByPlayer(media: MediaPart, slot: Json): string[] {
  const broken: string[] = []
  const check = (rule: string, holds: boolean): void => void (holds || broken.push(rule))
  const isWrapper = media.tagUrl !== ''
  const linearity = positive(slot, 'linearity', media.linearity)
  check('linearity', linearity === media.linearity)
  check('duration', durationFits(media, slot))
  if (media.isSkippable) {
    const skip = slot['skip'] === undefined || slot['skip'] === null || isSet(slot, 'skip')
    check('skip', skip)
    check('skipmin', media.durationSec > positive(slot, 'skipmin', -1))
  }
  check('protocols', protocolFits(media, slot))
  check('files', isWrapper || media.files.some((file) => fileFits(file, media, slot)))
  return broken
}

function durationFits({ durationSec, linearity }: MediaPart, slot: Json): boolean {
  const required = numbers(slot, 'rqddurs').filter((one) => one > 0)
  if (linearity === 2 && durationSec === 0) return required.length === 0
  if (durationSec > positive(slot, 'poddur', Infinity)) return false
  if (required.length > 0) return required.includes(durationSec)
  const isLong = durationSec >= positive(slot, 'minduration', 0)
  return isLong && durationSec <= positive(slot, 'maxduration', Infinity)
}

function protocolFits(media: MediaPart, slot: Json): boolean {
  const asked = numbers(slot, 'protocols')
  const old = positive(slot, 'protocol', 0)
  if (asked.length === 0 && old > 0) asked.push(old)
  const own = vast.filter(
    ([inline, wrapper]) =>
      media.protocols.length === 0 ||
      media.protocols.includes(inline) ||
      media.protocols.includes(wrapper),
  )
  const numbersOf = own.map(([inline, wrapper]) => (media.tagUrl === '' ? inline : wrapper))
  return asked.length === 0 || numbersOf.some((one) => asked.includes(one))
}

function fileFits(file: MediaFile, { linearity }: MediaPart, slot: Json): boolean {
  if (/^image\//i.test(file.mime) !== (linearity === 2)) return false
  if (!mimeFits(texts(slot, 'mimes'), file.mime)) return false
  const delivery = numbers(slot, 'delivery')
  const isDelivered =
    delivery.includes(file.delivery) || (file.delivery === 2 && delivery.includes(3))
  if (delivery.length > 0 && !isDelivered) return false
  const least = positive(slot, 'minbitrate', 0)
  const most = positive(slot, 'maxbitrate', Infinity)
  if (
    file.bitrateKbps === 0 ? least > 0 || most < Infinity : !isIn(file.bitrateKbps, least, most)
  ) {
    return false
  }
  const isStrict = slot['boxingallowed'] !== undefined && !isSet(slot, 'boxingallowed')
  const [w, h] = [positive(slot, 'w', 0), positive(slot, 'h', 0)]
  return !isStrict || w === 0 || h === 0 || Math.abs(file.w / file.h / (w / h) - 1) <= 0.0101
}

function isIn(value: number, least: number, most: number): boolean {
  return value >= least && value <= most
}

/** The native request of a slot, as an object, in whichever of its forms it came. */
export function nativeRequestOf(slot: Json): Json {
  let request: unknown = slot['request']
  for (let depth = 0; depth < 3 && typeof request === 'string'; depth++) {
    try {
      request = JSON.parse(request)
    } catch {
      return {}
    }
  }
  const whole = object({ request }, 'request')
  return 'native' in whole ? object(whole, 'native') : whole
}

/** True when the part fills the asset. */
export function fillsAsset(part: NativePart, asset: Json): boolean {
  if ('title' in asset) {
    const most = positive(object(asset, 'title'), 'len', Infinity)
    return part.titles.some((title) => title.length > 0 && title.length <= most)
  }
  if ('img' in asset) return part.images.some((image) => imageFits(image, object(asset, 'img')))
  if ('video' in asset) {
    const { video } = part
    return video !== null && brokenByPlayer(video, object(asset, 'video')).length === 0
  }
  const data = object(asset, 'data')
  const most = positive(data, 'len', Infinity)
  return part.data.some(
    ({ type, value }) => type === number(data, 'type') && value.length > 0 && value.length <= most,
  )
}

function nativeFits(part: NativePart, slot: Json): boolean {
  const assets = objects(nativeRequestOf(slot), 'assets')
  const filled = assets.filter((asset) => fillsAsset(part, asset))
  const required = assets.filter((asset) => isSet(asset, 'required'))
  return filled.length > 0 && required.every((asset) => filled.includes(asset))
}

function imageFits(image: NativePart['images'][number], img: Json): boolean {
  const type = positive(img, 'type', image.type)
  if (type !== image.type && !(type === 2 && image.type === 1)) return false
  const side = (own: number, exact: string, least: string): boolean => {
    const min = positive(img, least, 0)
    return min > 0 ? own >= min : own === positive(img, exact, own)
  }
  if (!side(image.w, 'w', 'wmin') || !side(image.h, 'h', 'hmin')) return false
  return mimeFits(texts(img, 'mimes'), image.mime)
}

/** Every list of the request and of its exchange that keeps the advertiser out, by name. */
export function brokenByBrand(
  creative: Creative,
  advertiser: Advertiser,
  body: Json,
  { blocked }: Pick<Exchange, 'blocked'>,
): string[] {
  const broken: string[] = []
  const check = (rule: string, holds: boolean): void => void (holds || broken.push(rule))
  const domains = creative.domains.length > 0 ? creative.domains : advertiser.domains
  const isOf = (domain: string, list: readonly string[]): boolean =>
    list.some((one) => `.${domain}`.endsWith(`.${one.toLowerCase().replace(/^www\./, '')}`))
  check(
    'badv',
    !domains.some((one) => isOf(one, [...texts(body, 'badv'), ...blocked.advertiserDomains])),
  )
  const bundles = texts(body, 'bapp').map((one) => one.toLowerCase())
  check('bapp', creative.bundle === '' || !bundles.includes(creative.bundle.toLowerCase()))
  broken.push(...brokenByCategory(creative, advertiser, body, blocked.advertiserCategories))
  const languages = texts(body, 'wlang').length > 0 ? texts(body, 'wlang') : texts(body, 'wlangb')
  check('wlang', languageFits(creative.language, languages))
  return broken
}

function languageFits(own: string, allowed: readonly string[]): boolean {
  if (own === '' || allowed.length === 0) return true
  return allowed.some((one) => {
    const other = one.toLowerCase()
    return `${other}-`.startsWith(`${own}-`) || `${own}-`.startsWith(`${other}-`)
  })
}

// oxlint-disable-next-line max-params -- who advertises, twice, and the two that block
function brokenByCategory(
  creative: Creative,
  advertiser: Advertiser,
  body: Json,
  never: readonly string[],
): string[] {
  const sets = creative.categories.length > 0 ? creative.categories : advertiser.categories
  const isOf = (id: string, taxonomy: number, list: readonly string[]): boolean =>
    list.some((one) => one === id || (taxonomy === 1 && id.startsWith(`${one}-`)))
  const broken: string[] = []
  if (sets.some(({ taxonomy, ids }) => ids.some((id) => isOf(id, taxonomy, never)))) {
    broken.push('blocked category')
  }
  const taxonomy = positive(body, 'cattax', 1)
  const set = sets.find((one) => one.taxonomy === taxonomy && one.ids.length > 0)
  const [bcat, acat] = [texts(body, 'bcat'), texts(body, 'acat')]
  if (bcat.length > 0 && (set?.ids.some((id) => isOf(id, taxonomy, bcat)) ?? true)) {
    broken.push('bcat')
  }
  if (acat.length > 0 && !(set?.ids.every((id) => isOf(id, taxonomy, acat)) ?? false)) {
    broken.push('acat')
  }
  return broken
}
