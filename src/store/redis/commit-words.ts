/** A commit as the words of its function call (`feedback-function.ts` says their order). */
import type { PartCommit } from '../feedback-ports.ts'
import { feedbackFunctions } from './feedback-function.ts'
import { eventsKey, fieldOf, hashKeyOf, outboxKey, placesKey } from './feedback-keys.ts'
import type { Word } from './redis-commands.ts'

/** What becomes of the fields of one hash, by the value's name: the last word on each counts. */
type Fields = Map<string, { readonly field: Word; readonly value: Uint8Array | null }>

/** `count`: records between the two places, '' when it is not known. */
export function commitWords(commit: PartCommit, count: string): Word[] {
  const { part, from, to, sends, writes } = commit
  const hashes = new Map<string, Fields>()
  for (const { key, value } of writes) {
    const hash = hashKeyOf(key)
    const fields: Fields = hashes.get(hash) ?? new Map()
    fields.set(key.name, { field: fieldOf(key), value })
    hashes.set(hash, fields)
  }
  const keys = [placesKey(part), outboxKey(part), eventsKey(part), ...hashes.keys()]
  const words: Word[] = ['FCALL', feedbackFunctions.commit, String(keys.length), ...keys]
  words.push(from, to, count, String(sends.length))
  for (const { shard, record } of sends) words.push(letterTo(shard, record))
  for (const fields of hashes.values()) pushFields(words, fields)
  return words
}

function pushFields(words: Word[], fields: Fields): void {
  const puts: Word[] = []
  const gone: Word[] = []
  for (const { field, value } of fields.values()) {
    if (value === null) gone.push(field)
    else puts.push(field, value)
  }
  words.push(String(puts.length), ...puts, String(gone.length), ...gone)
}

/** An entry of the outbox: the shard that it goes to, u16 big endian, and the record. */
function letterTo(shard: number, record: Uint8Array): Uint8Array {
  const letter = new Uint8Array(2 + record.length)
  letter[0] = shard >>> 8
  letter[1] = shard
  letter.set(record, 2)
  return letter
}
