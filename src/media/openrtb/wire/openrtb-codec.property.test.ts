/** What one side of the codec writes, the other reads as the same object, on every wire. */
import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import {
  arbitraryMessage,
  fillMessage,
  fillVariants,
} from '../../../../test/support/openrtb-objects.ts'
import { bothLayoutsProto } from '../../../../test/support/openrtb-protoc.ts'
import {
  readBidRequestJson,
  readBidResponseJson,
  readNativeRequestJson,
  readNativeResponseJson,
} from './json-reader.ts'
import {
  writeBidRequestJson,
  writeBidResponseJson,
  writeNativeRequestJson,
  writeNativeResponseJson,
} from './json-writer.ts'
import type {
  OrtbBidRequest,
  OrtbBidResponse,
  OrtbNativeRequest,
  OrtbNativeResponse,
} from './openrtb.generated.ts'
import { readBidRequestProto, readBidResponseProto } from './ortb-proto-reader.ts'
import { writeBidRequestProto, writeBidResponseProto } from './ortb-proto-writer.ts'
import type { OrtbLayout } from './ortb-schema.ts'
import { upgradePlaces } from './upgrade-places.ts'

/** Objects are large (hundreds of fields), so fewer runs than the default go far. */
const runs = { numRuns: 60 }

const layouts: readonly OrtbLayout[] = ['iab', 'google']
const requestOf = (layout: OrtbLayout): fc.Arbitrary<OrtbBidRequest> =>
  arbitraryMessage('BidRequest', layout) as unknown as fc.Arbitrary<OrtbBidRequest>
const responseOf = (layout: OrtbLayout): fc.Arbitrary<OrtbBidResponse> =>
  arbitraryMessage('BidResponse', layout) as unknown as fc.Arbitrary<OrtbBidResponse>

const edits = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), {
  maxLength: 8,
})

/** A copy with some bytes changed, one in three cut off somewhere. */
function changed(
  body: Uint8Array,
  changes: readonly { readonly at: number; readonly byte: number }[],
  cut: number,
): Uint8Array {
  const bytes = body.slice(0, body.length - (cut % 3 === 0 ? cut % body.length : 0))
  for (const { at, byte } of changes) bytes[at % bytes.length] = byte
  return bytes
}

describe('any object of the schema comes back the same', () => {
  test('a request by JSON', () => {
    fc.assert(
      fc.property(requestOf('google'), (request) => {
        deepStrictEqual(readBidRequestJson(writeBidRequestJson(request)), request)
      }),
      runs,
    )
  })

  test('a response by JSON', () => {
    fc.assert(
      fc.property(responseOf('google'), (response) => {
        deepStrictEqual(readBidResponseJson(writeBidResponseJson(response)), response)
      }),
      runs,
    )
  })

  test.each(layouts)('a request by protobuf, layout %s', (layout) => {
    fc.assert(
      fc.property(requestOf(layout), (request) => {
        deepStrictEqual(readBidRequestProto(writeBidRequestProto(request, layout), layout), request)
      }),
      runs,
    )
  })

  test("members that only Google defines survive the IAB's layout, too", () => {
    fc.assert(
      fc.property(requestOf('google'), responseOf('google'), (request, response) => {
        deepStrictEqual(readBidRequestProto(writeBidRequestProto(request, 'iab'), 'iab'), request)
        const answer = writeBidResponseProto(response, 'iab')
        deepStrictEqual(readBidResponseProto(answer, 'iab'), response)
      }),
      runs,
    )
  })

  test.each(layouts)('a response by protobuf, layout %s', (layout) => {
    fc.assert(
      fc.property(responseOf(layout), (response) => {
        const bytes = writeBidResponseProto(response, layout)
        deepStrictEqual(readBidResponseProto(bytes, layout), response)
      }),
      runs,
    )
  })

  test.each(layouts)('every field filled, both wires one after the other, layout %s', (layout) => {
    for (const variant of fillVariants) {
      const request = fillMessage('BidRequest', layout, variant) as unknown as OrtbBidRequest
      const overJson = readBidRequestJson(writeBidRequestJson(request)) as OrtbBidRequest
      const overBoth = readBidRequestProto(writeBidRequestProto(overJson, layout), layout)
      deepStrictEqual(overBoth, request)
      const response = fillMessage('BidResponse', layout, variant) as unknown as OrtbBidResponse
      const answer = readBidResponseJson(writeBidResponseJson(response)) as OrtbBidResponse
      deepStrictEqual(readBidResponseProto(writeBidResponseProto(answer, layout), layout), response)
    }
  })

  test('a native request and response by their texts', () => {
    const request = arbitraryMessage(
      'NativeRequest',
      'iab',
    ) as unknown as fc.Arbitrary<OrtbNativeRequest>
    const response = arbitraryMessage(
      'NativeResponse',
      'iab',
    ) as unknown as fc.Arbitrary<OrtbNativeResponse>
    fc.assert(
      fc.property(request, response, (asked, answered) => {
        deepStrictEqual(readNativeRequestJson(writeNativeRequestJson(asked)), asked)
        deepStrictEqual(readNativeResponseJson(writeNativeResponseJson(answered)), answered)
      }),
      runs,
    )
  })

  test('moving values to the places of 2.6 twice is the same as once', () => {
    fc.assert(
      fc.property(requestOf('google'), (request) => {
        const again = structuredClone(request)
        upgradePlaces(again)
        deepStrictEqual(again, structuredClone(request))
      }),
      runs,
    )
  })
})

describe('protobufjs on the same .proto agrees', () => {
  const { root } = protobuf.parse(bothLayoutsProto(), { keepCase: true })
  root.addJSON(protobuf.common.get('google/protobuf/struct.proto')?.nested ?? {})
  const typeOf = (name: string): protobuf.Type =>
    root.lookupType(`com.iabtechlab.openrtb.v2.${name}`)

  /** Decoded to plain objects and encoded anew: what it does not know is lost on the way. */
  const reencoded = (type: protobuf.Type, bytes: Uint8Array): Uint8Array =>
    type.encode(type.fromObject(type.toObject(type.decode(bytes), { longs: String }))).finish()

  test.each(layouts)('on any request, layout %s', (layout) => {
    fc.assert(
      fc.property(requestOf(layout), (request) => {
        const bytes = reencoded(typeOf('BidRequest'), writeBidRequestProto(request, layout))
        deepStrictEqual(readBidRequestProto(bytes, layout), request)
      }),
      runs,
    )
  })

  test('on two requests one after the other, which protobuf merges', () => {
    fc.assert(
      fc.property(requestOf('iab'), requestOf('iab'), (first, second) => {
        const bytes = Buffer.concat([
          writeBidRequestProto(first, 'iab'),
          writeBidRequestProto(second, 'iab'),
        ])
        const again = reencoded(typeOf('BidRequest'), bytes)
        deepStrictEqual(readBidRequestProto(bytes, 'iab'), readBidRequestProto(again, 'iab'))
      }),
      runs,
    )
  })

  test('on bytes changed or cut off: both refuse them, or both read the same', () => {
    const bodies = fillVariants.map((variant) => {
      const request = fillMessage('BidRequest', 'iab', variant) as unknown as OrtbBidRequest
      return writeBidRequestProto(request, 'iab')
    })
    const decoded = (bytes: Uint8Array): Uint8Array | null => {
      try {
        return reencoded(typeOf('BidRequest'), bytes)
      } catch {
        return null
      }
    }
    fc.assert(
      fc.property(fc.constantFrom(...bodies), edits, fc.nat(), (body, changes, cut) => {
        const bytes = changed(body, changes, cut)
        const theirs = decoded(bytes)
        const expected = theirs === null ? null : readBidRequestProto(theirs, 'iab')
        deepStrictEqual(readBidRequestProto(bytes, 'iab'), expected)
      }),
      { numRuns: 1_000 },
    )
  })

  test.each(layouts)('on any response, layout %s', (layout) => {
    fc.assert(
      fc.property(responseOf(layout), (response) => {
        const bytes = reencoded(typeOf('BidResponse'), writeBidResponseProto(response, layout))
        deepStrictEqual(readBidResponseProto(bytes, layout), response)
      }),
      runs,
    )
  })
})

describe('no bytes make a reader throw', () => {
  const readAll = (bytes: Uint8Array): void => {
    readBidRequestJson(bytes)
    readBidResponseJson(bytes)
    for (const layout of layouts) {
      readBidRequestProto(bytes, layout)
      readBidResponseProto(bytes, layout)
    }
  }

  test('arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => readAll(bytes)),
      { numRuns: 2_000 },
    )
  })

  test('bodies with some bytes changed, cut off or doubled', () => {
    const bodies = [0, 1, 2].flatMap((variant) => {
      const request = fillMessage('BidRequest', 'google', variant) as unknown as OrtbBidRequest
      const response = fillMessage('BidResponse', 'google', variant) as unknown as OrtbBidResponse
      return [
        writeBidRequestJson(request),
        writeBidRequestProto(request, 'iab'),
        writeBidRequestProto(request, 'google'),
        writeBidResponseJson(response),
        writeBidResponseProto(response, 'google'),
      ]
    })
    fc.assert(
      fc.property(fc.constantFrom(...bodies), edits, fc.nat(), (body, changes, cut) =>
        readAll(changed(body, changes, cut)),
      ),
      { numRuns: 1_500 },
    )
  })

  test('JSON of any shape under the names of the schema', () => {
    const names = fc.constantFrom('imp', 'site', 'ext', 'regs', 'user', 'device', 'video', 'native')
    const more = fc.constantFrom('request', 'gdpr', 'eids', 'prebid', 'schain', 'w', 'format', 'id')
    const key = fc.oneof(names, more)
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 6, depthIdentifier: 'json' },
        fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null)),
        fc.dictionary(key, tie('node'), { depthIdentifier: 'json' }),
        fc.array(tie('node'), { maxLength: 4, depthIdentifier: 'json' }),
      ),
    })).node
    fc.assert(
      fc.property(fc.dictionary(key, value), (body) => {
        const bytes = new TextEncoder().encode(JSON.stringify(body))
        const request = readBidRequestJson(bytes)
        expect(request).not.toBeNull()
        // Whatever came: it can be written, and is then the same on the other wire.
        const again = readBidRequestJson(writeBidRequestJson(request as OrtbBidRequest))
        deepStrictEqual(again, request)
      }),
      { numRuns: 1_000 },
    )
  })
})
