/** Decision records as lines of JSON: what training and people's tools read. */
import { type DecisionRecord, decisionRecordVersion } from '../domain/decision-record.ts'
import { isTruncatedIp } from '../lib/truncate-ip.ts'

/** Fields that may be NaN, which JSON writes as null. */
const amounts = ['utcOffsetMin', 'queueUs', 'decodeUs', 'audienceUs', 'decideUs', 'leftMs']
const rates = ['ctr', 'cvr']
const stageRates = ['coarseCtr', 'coarseCvr', 'rawCtr', 'rawCvr']

/** What lines of this version may lack: it was added without misleading an old reader. */
const laterFields = {
  contentCategories: [],
  packIds: [],
  packScores: [],
  carrier: '',
  utcOffsetMin: Number.NaN,
}

/**
 * One line with its end. An address that was not truncated is left out: whatever filled the record,
 * no person's address reaches the disk.
 */
export function encodeRecord(record: DecisionRecord): string {
  const line = JSON.stringify({
    ...record,
    network: isTruncatedIp(record.network) ? record.network : '',
    bids: record.bids.map(plain),
    losers: record.losers.map(plain),
  })
  return `${line}\n`
}

/** The record of a line; null for a torn line, or a version not known here. */
export function decodeRecord(line: string): DecisionRecord | null {
  try {
    const value: unknown = JSON.parse(line)
    return isRecord(value) ? revived(value) : null
  } catch {
    return null
  }
}

function plain<T extends { readonly features: Uint8Array | null }>(candidate: T): object {
  const { features } = candidate
  return features === null ? candidate : { ...candidate, features: base64(features) }
}

function base64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64')
}

/**
 * Puts back what JSON cannot say. Field by field: a reviver that sees every value makes a line cost
 * five times as much.
 */
function revived(line: DecisionRecord): DecisionRecord {
  const record = 'packIds' in line ? line : { ...laterFields, ...(line as DecisionRecord) }
  nullsToNaN(record, amounts)
  for (const bid of record.bids) reviveCandidate(bid)
  for (const loser of record.losers) reviveCandidate(loser)
  return record
}

function reviveCandidate(candidate: { readonly scores?: object | null }): void {
  nullsToNaN(candidate, rates)
  if (candidate.scores) nullsToNaN(candidate.scores, stageRates)
  const packed = candidate as { features?: unknown }
  if (typeof packed.features === 'string') {
    packed.features = Uint8Array.from(Buffer.from(packed.features, 'base64'))
  }
}

function nullsToNaN(value: object, names: readonly string[]): void {
  const fields = value as Record<string, unknown>
  for (const name of names) if (fields[name] === null) fields[name] = Number.NaN
}

/** Lines are ours: it is enough to know that this is one of them, whole and of this version. */
function isRecord(value: unknown): value is DecisionRecord {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Partial<Record<keyof DecisionRecord, unknown>>
  const { version, decisionId, atMs, bids, imps } = record
  if (version !== decisionRecordVersion || typeof decisionId !== 'string') return false
  return Number.isFinite(atMs) && Array.isArray(bids) && Array.isArray(imps)
}
