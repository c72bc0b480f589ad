/** Decision records as lines of JSON: what training and people's tools read. */
import { type DecisionRecord, decisionRecordVersion } from '../domain/decision-record.ts'
import { isTruncatedIp } from '../lib/truncate-ip.ts'

/** Fields that may be NaN, which JSON writes as null. */
const nanFields = new Set(['ctr', 'cvr', 'queueUs', 'decodeUs', 'audienceUs', 'decideUs', 'leftMs'])

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
    const value: unknown = JSON.parse(line, revive)
    return isRecord(value) ? value : null
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

function revive(key: string, value: unknown): unknown {
  if (value === null && nanFields.has(key)) return Number.NaN
  if (key === 'features' && typeof value === 'string') {
    return Uint8Array.from(Buffer.from(value, 'base64'))
  }
  return value
}

/** Lines are ours: it is enough to know that this is one of them, whole and of this version. */
function isRecord(value: unknown): value is DecisionRecord {
  if (typeof value !== 'object' || value === null) return false
  const { version, decisionId, bids } = value as Partial<Record<keyof DecisionRecord, unknown>>
  return version === decisionRecordVersion && typeof decisionId === 'string' && Array.isArray(bids)
}
