import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AdminClient } from '../../src/cli/admin-client.ts'
import { failedBids, samplesOf } from './metrics.ts'
import type { SluiceServer } from './sluice-server.ts'

const text = `# HELP sluice_bid_requests_total Bid requests
sluice_bid_requests_total{worker="0",exchange="x",outcome="bid",reason="none"} 90
sluice_bid_requests_total{worker="0",exchange="x",outcome="failed",reason="overload"} 3
sluice_bid_requests_total{worker="1",exchange="x",outcome="failed",reason="deadline"} 4
sluice_loop_delay_max_seconds{worker="0"} 0.0125
sluice_up 1
`

let control: http.Server
let server: SluiceServer

beforeAll(async () => {
  control = http.createServer((_request, response) => response.end(text))
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve))
  const { port } = control.address() as AddressInfo
  server = { admin: new AdminClient(port, 'key') } as SluiceServer
})

afterAll(() => {
  control.close()
})

test('samples of a metric are read with their labels, others are left alone', async () => {
  expect(await samplesOf(server, 'sluice_loop_delay_max_seconds')).toEqual([
    { labels: 'worker="0"', value: 0.0125 },
  ])
  expect(await samplesOf(server, 'sluice_up')).toEqual([{ labels: '', value: 1 }])
  expect(await samplesOf(server, 'sluice_bid_requests')).toEqual([])
})

test('failed bids are summed over workers and reasons', async () => {
  expect(await failedBids(server)).toBe(7)
})
