/** The facts that a decision was made from, read back from its record. */
import type { DecisionRecord, RecordedBid } from './decision-record.ts'
import type { AskFacts } from './feature-facts.ts'
import { localHour, localWeekday } from './local-time.ts'

/** An impression taken as one format: what a recorded bid was for. */
type SlotOfBid = Pick<RecordedBid, 'impIndex' | 'format'>

/**
 * What models saw of one slot. Field by field what `fillAsk` fills from the request: a property
 * test holds both against each other. Of an impression that the record has not got nothing is
 * known.
 */
export function askOfRecord(record: DecisionRecord, slot: SlotOfBid): AskFacts {
  const imp = record.imps.find(({ index }) => index === slot.impIndex) ?? unknownImp
  return {
    exchange: record.exchange,
    channel: record.channel,
    inventoryId: record.inventoryId,
    domain: record.domain,
    bundle: record.bundle,
    publisherId: record.publisherId,
    contentCategories: record.contentCategories,
    tagId: imp.tagId,
    position: imp.position,
    format: slot.format,
    isInterstitial: imp.isInterstitial,
    isRewarded: imp.isRewarded,
    country: record.country,
    region: record.region,
    // An address file writes it otherwise than exchanges do.
    city: record.city.toLowerCase(),
    os: record.os,
    osVersion: record.osVersion,
    deviceType: record.deviceType,
    connectionType: record.connectionType,
    make: record.make,
    model: record.model,
    language: record.language,
    carrier: record.carrier,
    network: record.network,
    localHour: localHour(record.atMs, record.utcOffsetMin),
    weekday: localWeekday(record.atMs, record.utcOffsetMin),
    packIds: record.packIds,
    packScores: record.packScores,
    floorMicros: imp.floorMicros,
  }
}

const unknownImp = {
  tagId: '',
  position: 0,
  isInterstitial: false,
  isRewarded: false,
  floorMicros: 0,
}
