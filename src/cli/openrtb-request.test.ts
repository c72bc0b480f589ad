import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readBidRequestProto } from '../media/openrtb/wire/ortb-proto-reader.ts'
import { buildBidRequest } from './openrtb-request.ts'

test('says what the options say, and asks for a 300x250 banner when they say nothing', () => {
  const { message, headers } = buildBidRequest({ floor: '1.2', deal: 'd1:3.5', country: 'DEU' })
  expect(message).toMatchObject({
    imp: [
      {
        bidfloor: 1.2,
        banner: { format: [{ w: 300, h: 250 }] },
        pmp: { deals: [{ id: 'd1', bidfloor: 3.5 }] },
      },
    ],
    device: { geo: { country: 'DEU' } },
  })
  expect(headers['content-type']).toBe('application/json')
  const { message: video } = buildBidRequest({ video: true })
  expect(video).toMatchObject({ imp: [{ video: { mimes: ['video/mp4'] } }] })
  expect((video as { imp: object[] }).imp[0]).not.toHaveProperty('banner')
})

test('protobuf and gzip hold the same request', () => {
  const { body, headers } = buildBidRequest({ banner: ['728x90'], protobuf: true, gzip: true })
  expect(headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
  })
  expect(readBidRequestProto(gunzipSync(body), 'iab')).toMatchObject({
    id: 'sluice-try',
    imp: [{ banner: { format: [{ w: 728, h: 90 }] } }],
  })
})

test('wrong options are refused with a sentence', () => {
  expect(() => buildBidRequest({ banner: ['big'] })).toThrow(/300x250/)
  expect(() => buildBidRequest({ floor: 'low' })).toThrow(/--floor/)
  expect(() => buildBidRequest({ os: 'beos' })).toThrow(/beos/)
  expect(() => buildBidRequest({ deal: 'd1' })).toThrow(/--deal/)
  expect(() => buildBidRequest({ file: '/nowhere.json' })).toThrow(/nowhere/)
})
