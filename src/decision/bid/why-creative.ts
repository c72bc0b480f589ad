/** Rules of one creative in one slot: whether it may be shown there. */
import type { Imp } from '../../domain/bid-request.ts'
import type { CreativeShape } from '../../domain/creative-shape.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { Format, formatNames, isResponsive, responsiveSize } from '../../domain/format.ts'
import { type Blocks, fitBrand, type PreparedBrand } from '../../domain/slot-fit/brand-fit.ts'
import { fitSlot } from '../../domain/slot-fit/fit-slot.ts'
import type { Slot } from './slot.ts'
import { dropCheck, ladder, listed, type Sides, type WhyCheck } from './why-check.ts'

const common: readonly Drop[] = [Drop.Format, Drop.Secure, Drop.Attribute, Drop.Api]
const ofMedia: readonly Drop[] = [
  ...common,
  Drop.Linearity,
  Drop.Duration,
  Drop.Skippable,
  Drop.Protocol,
  Drop.Mime,
  Drop.Delivery,
  Drop.Bitrate,
  Drop.AspectRatio,
  Drop.Unfit,
]

/** Rules of a slot in the order of `fitSlot`. */
const slotRules: Readonly<Record<Format, readonly Drop[]>> = {
  [Format.Banner]: [...common, Drop.Size, Drop.BannerType, Drop.Mime, Drop.Expands, Drop.Unfit],
  [Format.Video]: ofMedia,
  [Format.Audio]: ofMedia,
  [Format.Native]: [...common, Drop.NativeAsset, Drop.Unfit],
}

/** Rules of an advertiser in the order of `fitBrand`. */
const brandRules: readonly Drop[] = [
  Drop.BlockedDomain,
  Drop.BlockedBundle,
  Drop.BlockedCategory,
  Drop.AllowedCategory,
  Drop.BlockedLanguage,
]

/** Every rule of the slot and of the request's lists; those after the first broken are null. */
export function fitChecks(
  shape: CreativeShape,
  brand: PreparedBrand,
  { imp, format }: Slot,
  blocks: Blocks,
): WhyCheck[] {
  const view = viewOf(shape, imp, format)
  const bySlot = ladder(slotRules[format], fitSlot(shape, imp, format), (drop, passed) =>
    dropCheck(drop, passed, slotSides[drop]?.(view)),
  )
  const byBrand = ladder(brandRules, fitBrand(brand, blocks), (drop, passed) =>
    dropCheck(drop, passed, brandSides[drop]?.(brand, blocks)),
  )
  return [...bySlot, ...byBrand]
}

/** Both sides of one rule of a slot or advertiser, from what is asked. */
interface FitView {
  readonly shape: CreativeShape
  readonly imp: Imp
  readonly format: Format
  /** The slot as what it is; the other two are null. */
  readonly banner: Imp['banner']
  readonly media: Imp['video']
  readonly native: Imp['native']
}

function viewOf(shape: CreativeShape, imp: Imp, format: Format): FitView {
  const media = format === Format.Video ? imp.video : format === Format.Audio ? imp.audio : null
  return {
    shape,
    imp,
    format,
    banner: format === Format.Banner ? imp.banner : null,
    media,
    native: format === Format.Native ? imp.native : null,
  }
}

const slotSides: Readonly<Partial<Record<Drop, (view: FitView) => Sides>>> = {
  [Drop.Format]: ({ shape, format }) => ({
    ours: formatNames[shape.format],
    request: formatNames[format],
  }),
  [Drop.Secure]: ({ shape, imp }) => ({
    ours: shape.isSecure ? 'https' : 'http',
    request: imp.isSecure ? 'https' : 'any',
  }),
  [Drop.Attribute]: ({ shape, banner, media, native }) => ({
    ours: listed(shape.attributes),
    request: not((banner ?? media ?? native)?.blockedAttributes ?? []),
  }),
  [Drop.Api]: ({ shape, banner, media, native }) => ({
    ours: listed(shape.apis),
    request: listed((banner ?? media ?? native)?.apis ?? []),
  }),
  [Drop.Mime]: ({ shape, banner, media }) => {
    const own = shape.banner === null ? (shape.media?.files ?? []) : [shape.banner]
    const mimes = banner?.mimes ?? media?.mimes ?? []
    return { ours: listed(own.map(({ mime }) => mime)), request: listed(mimes, 'any') }
  },
  [Drop.Size]: ({ shape, banner }) => ({
    ours: isResponsive(shape.banner ?? responsiveSize)
      ? 'any'
      : `${shape.banner?.w}x${shape.banner?.h}`,
    request: banner === null ? '' : sizesOf(banner),
  }),
  [Drop.BannerType]: ({ shape, banner }) => ({
    ours: String(shape.banner?.type ?? ''),
    request: not(banner?.blockedTypes ?? []),
  }),
  [Drop.Expands]: ({ shape, banner }) => ({
    ours: listed(shape.banner?.expands ?? [], 'no'),
    request: listed(banner?.expandDirections ?? [], 'no'),
  }),
  [Drop.Linearity]: ({ shape, media }) => ({
    ours: String(shape.media?.linearity ?? ''),
    request: String(media?.linearity || 'any'),
  }),
  [Drop.Duration]: ({ shape, media }) => ({
    ours: `${shape.media?.durationSec} s`,
    request: media === null ? '' : durationsOf(media),
  }),
  [Drop.Skippable]: ({ shape, media }) => ({
    ours: shape.media?.isSkippable ? 'may be skipped' : 'no',
    request: String(media?.skip ?? 'not said'),
  }),
  [Drop.Protocol]: ({ shape, media }) => ({
    ours: listed(shape.media?.protocols ?? []),
    request: listed(media?.protocols ?? [], 'any'),
  }),
  [Drop.Bitrate]: ({ shape, media }) => ({
    ours: `${listed(shape.media?.files.map(({ bitrateKbps }) => bitrateKbps) ?? [])} kbit/s`,
    request: `${media?.minBitrateKbps}–${media?.maxBitrateKbps} kbit/s`,
  }),
}

const brandSides: Readonly<Partial<Record<Drop, (brand: PreparedBrand, blocks: Blocks) => Sides>>> =
  {
    [Drop.BlockedDomain]: (brand, blocks) => ({
      ours: listed(brand.domains),
      request: not([...(blocks.domains ?? []), ...(blocks.exchangeDomains ?? [])]),
    }),
    [Drop.BlockedBundle]: (brand, blocks) => ({
      ours: brand.bundle || 'none',
      request: not([...(blocks.bundles ?? [])]),
    }),
    [Drop.BlockedCategory]: (brand, blocks) => ({
      ours: categoriesOf(brand),
      request: `${not([...(blocks.blockedCategories ?? []), ...(blocks.exchangeCategories ?? [])])} (taxonomy ${blocks.taxonomy})`,
    }),
    [Drop.AllowedCategory]: (brand, blocks) => ({
      ours: categoriesOf(brand),
      request: `${listed([...(blocks.allowedCategories ?? [])], 'any')} (taxonomy ${blocks.taxonomy})`,
    }),
    [Drop.BlockedLanguage]: (brand, blocks) => ({
      ours: brand.language || 'without words',
      request: listed(blocks.languages, 'any'),
    }),
  }

function not(words: readonly (string | number)[]): string {
  return words.length === 0 ? 'any' : `not ${listed(words)}`
}

function sizesOf({ sizes, flex, bounds }: NonNullable<Imp['banner']>): string {
  const exact = sizes.map(({ w, h }) => `${w}x${h}`)
  const ratios = flex.map(({ wRatio, hRatio }) => `${wRatio}:${hRatio}`)
  return listed([...exact, ...ratios], bounds === null ? 'any' : 'within bounds')
}

function durationsOf({ requiredSec, minSec, maxSec }: NonNullable<Imp['video']>): string {
  if (requiredSec.length > 0) return `exactly ${listed(requiredSec)} s`
  return maxSec === Infinity ? `at least ${minSec} s` : `${minSec}–${maxSec} s`
}

function categoriesOf({ categories }: PreparedBrand): string {
  const ids = categories.flatMap(({ taxonomy, chains }) =>
    chains.map(([id]) => `${id} (taxonomy ${taxonomy})`),
  )
  return listed(ids)
}
