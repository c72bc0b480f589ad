/** How many ids each request is looked up by, so that the floor can read as many. */
import { gunzipSync } from 'node:zlib'
import { BidRequest } from '../../src/domain/bid-request.ts'
import { exchangeOf, openBidBench } from './bid-bench.ts'

/** Reads of successive requests, and how many reads there are for one of an id that is known. */
export interface FloorReads {
  readonly reads: readonly number[]
  readonly hitEvery: number
}

/** Decodes the requests as a worker would; half of their devices are known by one id. */
export function floorReads(isJson: boolean, bodies: readonly Uint8Array[]): FloorReads {
  const bench = openBidBench(10)
  const exchange = exchangeOf(bench)
  const request = new BidRequest()
  const reads = bodies.map((body) => {
    request.clear()
    const plain = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body
    bench.adapter.decode(plain, isJson, exchange, request)
    return request.devices.count
  })
  const all = reads.reduce((sum, count) => sum + count, 0)
  return { reads, hitEvery: Math.max(1, Math.round(all / (bodies.length / 2))) }
}
