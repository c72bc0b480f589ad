/** Carries what commits left in the outboxes to the streams of other shards. */
import { StoreError } from '../store-error.ts'
import { feedbackFunctions } from './feedback-function.ts'
import { eventsKey, outboxKey, placesKey } from './feedback-keys.ts'
import type { FreshParts } from './fresh-parts.ts'
import type { RedisCommands, Word } from './redis-commands.ts'
import { answeredOr } from './redis-outcomes.ts'
import { copyOf } from './resp-cursor.ts'
import type { RespReply } from './resp-parser.ts'
import { slotOfShard } from './shard-keys.ts'

/** Entries of an outbox that are read at once. */
const lettersMax = 1_000

/** What it works with. */
export interface DeliveryDeps {
  readonly commands: RedisCommands
  readonly fresh: FreshParts
}

/** What one commit left. */
interface Outbox {
  readonly part: string
  /** Place of that commit: what a later one leaves is not this. */
  readonly place: string
  /** By shard, in order. */
  readonly records: Map<number, Uint8Array[]>
}

/**
 * Appends all of an outbox and then empties it; one of which anything could not be appended stays
 * whole for the next time, and its part is answered. Throws when nothing could be done.
 */
export async function deliverOutboxes(
  parts: readonly string[],
  { commands, fresh }: DeliveryDeps,
): Promise<readonly string[]> {
  const boxes = await readOutboxes(parts, commands)
  const left = new Set(parts)
  for (const { part, records } of boxes) if (records.size === 0) left.delete(part)
  const groups = boxes.flatMap((box) =>
    [...box.records].map(([shard, records]) => ({ box, shard, records })),
  )
  if (groups.length === 0) return [...left]
  const taken = answeredOr(
    await commands.askAll(
      groups.map(({ shard, records }) => [slotOfShard(shard), takeWords(shard, records)]),
      () => true,
    ),
    false,
  )
  const undelivered = new Set<Outbox>()
  for (const [i, { box, shard }] of groups.entries()) {
    if (taken[i] === true) fresh.appended(shard)
    else undelivered.add(box)
  }
  const done = boxes.filter((box) => box.records.size > 0 && !undelivered.has(box))
  const emptied = answeredOr(await commands.askAll(done.map(emptying), () => true), false)
  for (const [i, { part }] of done.entries()) if (emptied[i] === true) left.delete(part)
  return [...left]
}

/** Reads on until each box has been seen to its end. */
async function readOutboxes(parts: readonly string[], commands: RedisCommands): Promise<Outbox[]> {
  const boxes: Outbox[] = []
  let open = parts.map((part) => ({ part, from: 0, box: null as Outbox | null }))
  while (open.length > 0) {
    const asked = open.map(({ part, from }) => readingFrom(part, from))
    const pages = answeredOr<Page | null>(await commands.askAll(asked, pageFrom), null)
    const more: typeof open = []
    for (const [i, { part, from, box: known }] of open.entries()) {
      const page = pages[i] ?? null
      // Not answered, or another projector was faster: what there is now is left to the next time.
      if (page === null || (known !== null && known.place !== page.place)) continue
      const box = known ?? { part, place: page.place, records: new Map<number, Uint8Array[]>() }
      for (const letter of page.letters) addLetter(box, letter)
      if (page.letters.length < lettersMax) boxes.push(box)
      else more.push({ part, from: from + lettersMax, box })
    }
    open = more
  }
  return boxes
}

interface Page {
  readonly place: string
  readonly letters: readonly Uint8Array[]
}

function addLetter({ records }: Outbox, letter: Uint8Array): void {
  const shard = (letter[0] ?? 0) * 256 + (letter[1] ?? 0)
  const ofShard = records.get(shard) ?? []
  ofShard.push(letter.subarray(2))
  records.set(shard, ofShard)
}

function readingFrom(part: string, from: number): [number, Word[]] {
  const keys = [placesKey(part), outboxKey(part)]
  const range = [String(from), String(from + lettersMax - 1)]
  return [slotOfShard(Number(part)), ['FCALL_RO', feedbackFunctions.outbox, '2', ...keys, ...range]]
}

function takeWords(shard: number, records: readonly Uint8Array[]): Word[] {
  return ['FCALL', feedbackFunctions.take, '1', eventsKey(shard), ...records]
}

function emptying({ part, place }: Outbox): [number, Word[]] {
  const keys = [placesKey(part), outboxKey(part)]
  return [slotOfShard(Number(part)), ['FCALL', feedbackFunctions.sent, '2', ...keys, place]]
}

function pageFrom(reply: RespReply): Page {
  const items = Array.from({ length: reply.itemCount }, (_, i) =>
    copyOf(reply.bytes, reply.items[i * 2] ?? 0, reply.items[i * 2 + 1] ?? 0),
  )
  const [place = new Uint8Array(0), ...letters] = items
  if (reply.itemCount === 0) throw new StoreError('SLUICE_STORE_REPLY', 'an outbox has no place')
  return { place: Buffer.from(place).toString('latin1'), letters }
}
