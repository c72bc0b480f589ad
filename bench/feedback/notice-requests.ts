/** Calls of notice links, one of each of many distinct bids and devices, as requests of a run. */
import { noticeParams, noticePaths } from '../../src/feedback/links.ts'
import { type SignedBid, TokenKind, tokenOf } from '../../src/feedback/token.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { Expect, type PreparedRequest, writeRequestFile } from '../load/request-file.ts'
import { benchTokens, madeUpCampaign, signMadeUp } from './bench-tokens.ts'

/** Path and query of a call of one link. */
export function noticePath(
  kind: keyof typeof TokenKind,
  bid: SignedBid,
  params: Readonly<Record<string, string | number>> = {},
): string {
  let path = `${noticePaths[kind]}?${noticeParams.token}=${tokenOf(bid, TokenKind[kind])}`
  for (const [name, value] of Object.entries(params)) path += `&${name}=${value}`
  return path
}

/**
 * Calls of `count` bids, by turns of the pixel and of the billing notice with a price: one exposure
 * each. Series keep the bids of one run apart.
 */
export function* exposurePaths(count: number, series: number): Generator<string> {
  const tokens = benchTokens()
  const issuedAtMs = Math.floor(systemClock.wallMs()) - 60_000
  for (let number = 0; number < count; number++) {
    const bid = signMadeUp(tokens, {
      number,
      series,
      device: series * 0x0100_0000 + number,
      issuedAtMs,
      campaign: madeUpCampaign(number),
      priceMicros: 2_000_000,
    })
    if (number % 2 === 0) yield noticePath('Impression', bid)
    else yield noticePath('Bill', bid, { [noticeParams.price]: '1.25' })
  }
}

/** Writes paths as the requests of a GET run. */
export function writePathFile(file: string, paths: Iterable<string>): void {
  const requests: PreparedRequest[] = []
  for (const path of paths) {
    requests.push({ body: Buffer.from(path, 'latin1'), expect: Expect.Anything })
  }
  writeRequestFile(file, requests)
}
