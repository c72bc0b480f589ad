/** The rules of protobuf, shown on bodies written by hand. */
import { describe, expect, test } from 'vitest'
import { ProtoWriter } from '../../../lib/proto-writer.ts'
import { newOrtbBidRequest, type OrtbBidRequest, ortbNone } from './openrtb.generated.ts'
import { ortbItemsMax, readBidRequestProto } from './ortb-proto-reader.ts'

type Write = (writer: ProtoWriter) => void

function requestOf(write: Write): OrtbBidRequest | null {
  const writer = new ProtoWriter()
  write(writer)
  return readBidRequestProto(writer.finish(), 'iab')
}

/** Writes a nested message. */
function nested(writer: ProtoWriter, field: number, write: Write): void {
  const start = writer.open(field)
  write(writer)
  writer.close(start)
}

describe('the bytes of a request', () => {
  test('no bytes are a request with everything absent', () => {
    expect(readBidRequestProto(new Uint8Array(0), 'iab')).toEqual(newOrtbBidRequest())
  })

  test.each([
    ['a field number of zero', [0x00]],
    ['a text longer than the body', [0x0a, 0x05, 0x41]],
    ['a message cut off', [0x12, 0x02, 0x0a]],
    ['a number cut off', [0x38, 0x80]],
    ['an open group', [0xa3, 0x06]],
  ])('%s is malformed', (_, bytes) => {
    expect(readBidRequestProto(new Uint8Array(bytes), 'iab')).toBeNull()
    expect(readBidRequestProto(new Uint8Array(bytes), 'google')).toBeNull()
  })

  test('unknown fields of every wire type are skipped', () => {
    const request = requestOf((writer) => {
      writer.uint32(60, 1).double(61, 1).text(62, 'x').float(63, 1).text(1_500, 'x').text(1, 'id')
      nested(writer, 2, (imp) => imp.text(80, 'x').text(1, 'imp'))
    })
    expect(request?.id).toBe('id')
    expect(request?.imp[0]?.id).toBe('imp')
  })

  test('a field of another wire type is an unknown field', () => {
    const request = requestOf((writer) =>
      writer.uint32(1, 7).text(8, 'tmax').double(2, 1).uint32(3, 1).uint32(99, 1).uint32(9, 1),
    )
    expect(request).toEqual(newOrtbBidRequest())
  })
})

describe('values', () => {
  test('repeated numbers come packed, unpacked and mixed', () => {
    const request = requestOf((writer) =>
      nested(writer, 2, (imp) =>
        nested(imp, 2, (banner) => {
          nested(banner, 6, (packed) => packed.wideValue('1').wideValue('300'))
          banner.uint32(6, 3)
          nested(banner, 6, (packed) => packed.wideValue('4'))
          nested(banner, 10, () => undefined)
        }),
      ),
    )
    expect(request?.imp[0]?.banner?.battr).toEqual([1, 300, 3, 4])
    expect(request?.imp[0]?.banner?.api).toBe(ortbNone)
  })

  test('a packed list cut off inside of a number is malformed', () => {
    const banner = [0x32, 0x02, 0x01, 0x80]
    const imp = [0x12, banner.length, ...banner]
    const bytes = new Uint8Array([0x12, imp.length, ...imp])
    expect(readBidRequestProto(bytes, 'iab')).toBeNull()
  })

  test('numbers of lists that we do not know are kept', () => {
    expect(requestOf((writer) => writer.int32(7, 777).int32(8, -5))).toMatchObject({
      at: 777,
      tmax: -5,
    })
  })

  test('a flag of 0 is false and not absent', () => {
    const request = requestOf((writer) => writer.uint32(15, 0).uint32(10, 5))
    expect(request).toMatchObject({ test: false, allimps: true })
  })

  test('what is no finite number is absent', () => {
    const request = requestOf((writer) =>
      nested(writer, 2, (imp) => imp.double(8, Number.POSITIVE_INFINITY).double(21, -0)),
    )
    expect(request?.imp[0]?.bidfloor).toBeNull()
    expect(request?.imp[0]?.dt).toBe(0)
    expect(Object.is(request?.imp[0]?.dt, 0)).toBe(true)
  })

  test('bytes that are no UTF-8 become U+FFFD', () => {
    const bytes = new Uint8Array([0x0a, 0x03, 0x41, 0xff, 0x42])
    expect(readBidRequestProto(bytes, 'iab')?.id).toBe('A\ufffdB')
  })
})

describe('a field that comes twice', () => {
  test('the last scalar stays, a message is merged', () => {
    const request = requestOf((writer) => {
      writer.text(1, 'a')
      nested(writer, 5, (device) => device.text(2, 'ua').text(3, '1.1.1.1').uint32(23, 1))
      writer.text(1, 'b')
      nested(writer, 5, (device) => {
        device.text(2, 'ua2')
        nested(device, 4, (geo) => geo.text(3, 'DEU'))
      })
    })
    expect(request?.id).toBe('b')
    expect(request?.device).toMatchObject({
      ua: 'ua2',
      ip: '1.1.1.1',
      lmt: true,
      geo: { country: 'DEU' },
    })
  })

  test('of a oneof the last member stays', () => {
    const request = requestOf((writer) => {
      nested(writer, 4, (app) => app.text(1, 'app'))
      nested(writer, 3, (site) => site.text(1, 'site'))
      nested(writer, 2, (imp) =>
        nested(imp, 13, (native) => {
          nested(native, 50, (form) => form.text(1, '1.2'))
          native.text(1, '{}')
        }),
      )
    })
    expect(request?.app).toBeNull()
    expect(request?.site?.id).toBe('site')
    expect(request?.imp[0]?.native).toMatchObject({ request: '{}', request_native: null })
  })
})

describe('the two layouts', () => {
  const google: Write = (writer) => {
    writer.text(1, 'id')
    nested(writer, 1_018, (ext) => {
      ext.text(2, 'query')
      nested(ext, 1, (feedback) => feedback.text(1, 'before').double(6, 1.25))
    })
    nested(writer, 2, (imp) =>
      nested(imp, 1_009, (ext) => {
        ext.wide(1, '9007199254740993').wide(1, '7').uint32(7, 1)
        nested(ext, 10, (creative) => creative.text(1, 'c-1'))
      }),
    )
    nested(writer, 14, (regs) => nested(regs, 1_001, (ext) => ext.uint32(1, 1).uint32(2, 0)))
    nested(writer, 6, (user) => nested(user, 1_007, (ext) => ext.text(2, 'consent')))
  }

  test("Google's extensions are members of ext, and move to the places of 2.6", () => {
    const writer = new ProtoWriter()
    google(writer)
    const request = readBidRequestProto(writer.finish(), 'google')
    expect(request?.ext).toMatchObject({
      google_query_id: 'query',
      bid_feedback: [{ request_id: 'before', minimum_bid_to_win: 1.25 }],
    })
    expect(request?.imp[0]).toMatchObject({
      rwdd: true,
      ext: {
        billing_id: ['9007199254740993', '7'],
        excluded_creatives: [{ buyer_creative_id: 'c-1' }],
      },
    })
    expect(request?.regs).toMatchObject({ gdpr: true, ext: { lgpd: false } })
    expect(request?.user?.consent).toBe('consent')
  })

  test('the layout of the IAB skips them', () => {
    const request = requestOf(google)
    expect(request).toMatchObject({ id: 'id', ext: null, regs: { gdpr: null, ext: null } })
  })

  test('what another sender keeps at our number for prototypes is an unknown field', () => {
    const request = requestOf((writer) => {
      nested(writer, 2, (imp) =>
        nested(imp, 99, (ext) => ext.text(999, '\u0001\u0002').text(1, 'g')),
      )
      nested(writer, 5, (device) => nested(device, 99, (ext) => ext.uint32(999, 5).text(2, 'v')))
    })
    expect(request?.imp[0]?.ext?.gpid).toBe('g')
    expect(request?.device?.ext?.ifv).toBe('v')
  })

  test('values of ext move to the places of 2.6', () => {
    const request = requestOf((writer) => {
      nested(writer, 14, (regs) =>
        nested(regs, 99, (ext) => ext.uint32(1, 1).text(2, '1YNN').text(3, '1')),
      )
      nested(writer, 19, (source) =>
        nested(source, 99, (ext) => nested(ext, 1, (chain) => chain.text(3, '1.0'))),
      )
    })
    expect(request?.regs).toMatchObject({
      gdpr: true,
      us_privacy: '1YNN',
      ext: { gdpr: null, gpc: '1' },
    })
    expect(request?.source?.schain?.ver).toBe('1.0')
  })
})

describe('limits', () => {
  const impressions = (count: number): Uint8Array => {
    const bytes = new Uint8Array(count * 2)
    for (let i = 0; i < count; i++) bytes[i * 2] = 0x12
    return bytes
  }

  test('as many messages as we read are read, one more is malformed', () => {
    expect(readBidRequestProto(impressions(ortbItemsMax), 'iab')?.imp).toHaveLength(ortbItemsMax)
    expect(readBidRequestProto(impressions(ortbItemsMax + 1), 'iab')).toBeNull()
  })

  test('as many items of lists as we read are read, one more is malformed', () => {
    const cur = (count: number) =>
      requestOf((writer) => {
        for (let i = 0; i < count; i++) writer.text(11, '')
      })
    expect(cur(ortbItemsMax)?.cur).toHaveLength(ortbItemsMax)
    expect(cur(ortbItemsMax + 1)).toBeNull()
  })

  test('items of packed lists count, too', () => {
    const packed = (count: number) =>
      requestOf((writer) =>
        nested(writer, 2, (imp) =>
          nested(imp, 2, (banner) =>
            nested(banner, 6, (list) => {
              for (let i = 0; i < count; i++) list.wideValue('1')
            }),
          ),
        ),
      )
    // The impression and the banner are two of them.
    expect(packed(ortbItemsMax - 2)?.imp[0]?.banner?.battr).toHaveLength(ortbItemsMax - 2)
    expect(packed(ortbItemsMax - 1)).toBeNull()
  })
})
