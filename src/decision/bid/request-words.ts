/** What a request says in each dimension of targeting: the words its campaigns are looked up by. */
import { type BidRequest, Channel, channelNames, type Inventory } from '../../domain/bid-request.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { Format } from '../../domain/format.ts'
import {
  appWord,
  categoryWords,
  deviceTypeWords,
  domainWords,
  flagWord,
  languageWords,
  placeWords,
  siteWord,
  startDelayWord,
} from '../../domain/targeting-words.ts'
import type { Slot } from './slot.ts'

const none: readonly string[] = []

/** Dimensions that are the same for all impressions of a request. */
export function requestWords(drop: Drop, request: BidRequest): readonly string[] {
  return readers.get(drop)?.(request) ?? none
}

const readers: ReadonlyMap<Drop, (request: BidRequest) => readonly string[]> = new Map<
  Drop,
  (request: BidRequest) => readonly string[]
>([
  [Drop.Exchange, ({ exchange }) => [exchange]],
  [Drop.Channel, ({ inventory }) => [channelNames[inventory.channel]]],
  [Drop.Place, ({ geo }) => placeWords(geo)],
  [Drop.DeviceType, ({ device }) => deviceTypeWords(device.type)],
  [Drop.Make, ({ device }) => word(device.make)],
  [Drop.Model, ({ device }) => word(device.model.toLowerCase())],
  [Drop.Language, ({ device }) => languageWords(device.language.toLowerCase())],
  [Drop.Carrier, ({ device }) => [device.carrier.toLowerCase(), device.mccMnc]],
  [Drop.Connection, ({ device }) => [String(device.connectionType)]],
  [Drop.Inventory, inventoryWords],
  [Drop.Publisher, ({ inventory }) => publisherWords(inventory)],
  [Drop.ContentCategory, ({ inventory }) => contentWords(inventory)],
])

/** Dimensions of one slot; null where the dimension has no meaning for its format. */
export function slotWords(drop: Drop, slot: Slot): readonly string[] | null {
  return slotReaders.get(drop)?.(slot) ?? null
}

/** True for the dimensions of `slotWords`. */
export function isOfSlot(drop: number): boolean {
  return slotReaders.has(drop as Drop)
}

const slotReaders: ReadonlyMap<Drop, (slot: Slot) => readonly string[] | null> = new Map<
  Drop,
  (slot: Slot) => readonly string[] | null
>([
  [Drop.Interstitial, ({ imp }) => [flagWord(imp.isInterstitial)]],
  [Drop.Rewarded, ({ imp }) => [flagWord(imp.isRewarded)]],
  [Drop.Position, positionWords],
  [Drop.Placement, placementWords],
  [
    Drop.StartDelay,
    ({ media }) => (media === null ? null : word(startDelayWord(media.startDelaySec))),
  ],
  [Drop.PodSlot, ({ media }) => (media === null ? null : podWords(media.pod?.slot ?? 2))],
  [Drop.PodSequence, ({ media }) => (media?.pod ? sequenceWords(media.pod.sequence) : null)],
])

function positionWords({ imp, format, media }: Slot): readonly string[] | null {
  if (format === Format.Banner) return [String(imp.banner?.position ?? 0)]
  return format === Format.Video ? [String(media?.position ?? 0)] : null
}

/** Only video has placements: for audio the dimension means nothing. */
function placementWords({ format, media }: Slot): readonly string[] | null {
  return media === null || format !== Format.Video ? null : [String(media.plcmt)]
}

/** A slot that may be anywhere (0) or first or last (2) can be had as either. */
function podWords(slot: number): readonly string[] {
  if (slot === 1) return ['first']
  return slot === -1 ? ['last'] : ['first', 'last']
}

/** A pod that may be any (0) is known to be neither the first nor the last. */
function sequenceWords(sequence: number): readonly string[] {
  if (sequence === 1) return ['first']
  return sequence === -1 ? ['last'] : none
}

function inventoryWords({ inventory }: BidRequest): readonly string[] {
  const { channel, bundle, domain } = inventory
  if (channel === Channel.App) return bundle === '' ? none : [appWord(bundle)]
  return domainWords(domain).map(siteWord)
}

function publisherWords({ publisherId, publisherDomain }: Inventory): readonly string[] {
  return [publisherId.toLowerCase(), publisherDomain]
}

function contentWords({ categories, categoryTaxonomy }: Inventory): readonly string[] {
  return categories.flatMap((category) => categoryWords(categoryTaxonomy, category))
}

function word(text: string): readonly string[] {
  return text === '' ? none : [text]
}
