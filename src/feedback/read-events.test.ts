import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EventKind, eventOf, type FeedbackEvent } from './event.ts'
import { readEvents } from './read-events.ts'
import { newTokens, signUsual } from './test-tokens.ts'
import { TokenKind, tokenOf } from './token.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-events-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function usualEvent(): FeedbackEvent {
  const { tokens } = newTokens()
  const reading = tokens.verify(tokenOf(signUsual(tokens), TokenKind.Bill), TokenKind.Bill)
  if (!reading.ok) throw new Error('the usual token is refused')
  return eventOf(EventKind.Click, reading.token, 1_795_305_612_345)
}

async function read(path: string): Promise<{ events: FeedbackEvent[]; bad: number }> {
  const events: FeedbackEvent[] = []
  let bad = 0
  for await (const event of readEvents(path, () => bad++)) events.push(event)
  return { events, bad }
}

test('events come back from lines, gzip too, predictions that are not known as NaN', async () => {
  const event = { ...usualEvent(), ctr: Number.NaN, cvr: 0.5 }
  const path = join(folder, 'events.ndjson.gz')
  await writeFile(path, gzipSync(`${JSON.stringify(event)}\n`))
  expect(await read(path)).toEqual({ events: [event], bad: 0 })
})

test('what is no event of this version is left out and told', async () => {
  const event = usualEvent()
  const other = { ...event, version: 2 }
  const cut = { version: 1, id: event.id, kind: event.kind }
  const timeless = { ...event, eventTimeMs: null }
  const lines = [
    '{',
    'null',
    '7',
    '{}',
    ...[other, cut, timeless].map((one) => JSON.stringify(one)),
  ]
  const path = join(folder, 'events.ndjson')
  await writeFile(path, `${[...lines, JSON.stringify(event)].join('\n')}\n`)
  expect(await read(path)).toEqual({ events: [event], bad: 7 })
})
