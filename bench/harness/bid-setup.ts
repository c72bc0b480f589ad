/** Puts the made-up world of bids into a running Sluice through its admin API. */
import http from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import {
  advertisingId,
  benchExchange,
  bidPackCount,
  bidPackName,
  isAppleDevice,
  isInBidPack,
} from '../data/bid-words.ts'
import { bidWorld, importLines } from '../data/bid-world.ts'
import { adminKey, type SluiceServer } from './sluice-server.ts'

/** How large the world is. */
export interface BidWorldSize {
  readonly creatives: number
  /** Devices in the packs, each in five of them. */
  readonly knownDevices: number
}

/** Settings that a bidder needs and an RTA gate does not: links must be https in secure slots. */
export const bidEnv = { SLUICE_PUBLIC_URL: 'https://bid.sluice.example' }

/** What an import said and took. */
export interface ImportResult {
  readonly written: number
  readonly unchanged: number
  readonly rejected: number
  readonly tookMs: number
}

/** Uploads the packs, then imports the catalog. */
export async function loadBidWorld(
  server: SluiceServer,
  { creatives, knownDevices }: BidWorldSize,
): Promise<ImportResult> {
  for (let number = 0; number < bidPackCount; number++) {
    const id = bidPackName(number)
    for (const isApple of [false, true]) {
      const query = { idType: isApple ? 'idfa' : 'gaid', mode: isApple ? 'add' : 'replace' }
      await server.admin.putPack({ id, body: packLines(number, knownDevices, isApple), query })
    }
  }
  return importWorld(server, bidWorld(creatives))
}

/** Sends lines through the import route. Throws when it is refused. */
export async function importWorld(
  server: SluiceServer,
  entities: Iterable<object>,
): Promise<ImportResult> {
  const startMs = systemClock.monotonicMs()
  const request = http.request({
    host: '127.0.0.1',
    port: server.admin.port,
    method: 'POST',
    path: '/api/v1/import',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/x-ndjson' },
  })
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  // Its failure is the request's own, or the server's early refusal, which says more.
  pipeline(Readable.from(importLines(entities)), request).catch(() => undefined)
  const response = await answered
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  if (response.statusCode !== 200) throw new Error(`the import was refused: ${text.slice(0, 500)}`)
  const answer = JSON.parse(text) as Omit<ImportResult, 'tookMs'>
  return { ...answer, tookMs: systemClock.monotonicMs() - startMs }
}

/** One answer of a bidder. */
export interface BidAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** Asks the bidder once. */
export async function askBid(
  port: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string>>,
  exchange: string = benchExchange,
): Promise<BidAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}/openrtb2/${exchange}`, {
    method: 'POST',
    headers,
    body: Buffer.from(body),
  })
  return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) }
}

/** Milliseconds that a catalog has to be compiled and in force. */
const liveMs = 30_000

/** Waits until the worker decides by a catalog of at least this revision's creatives: it bids. */
export async function untilBids(port: number, bodies: readonly Uint8Array[]): Promise<void> {
  const everyMs = 100
  for (let waitedMs = 0; waitedMs < liveMs; waitedMs += everyMs) {
    for (const body of bodies.slice(0, 20)) {
      const answer = await askBid(port, body, { 'content-type': 'application/json' })
      if (answer.status === 200) return
    }
    await sleep(everyMs)
  }
  throw new Error('no request of the world gets a bid: the catalog looks empty')
}

/** A line a device of the pack, one system's spelling. */
function* packLines(number: number, devices: number, isApple: boolean): Generator<Uint8Array> {
  let lines = ''
  for (let device = 0; device < devices; device++) {
    if (isAppleDevice(device) !== isApple || !isInBidPack(device, number)) continue
    lines += `${advertisingId(device)}\n`
    if (lines.length < 256 * 1024) continue
    yield Buffer.from(lines)
    lines = ''
  }
  yield Buffer.from(lines)
}
