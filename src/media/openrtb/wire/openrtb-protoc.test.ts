/**
 * Bodies made by `protoc --encode` from the text format, every field of the schema filled, read by
 * our reader. The fixtures are committed; `UPDATE_PROTOC=1` makes them anew where protoc is
 * installed (they came from libprotoc 3.21.12).
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fillMessage, fillVariants } from '../../../../test/support/openrtb-objects.ts'
import { bothLayoutsProto, textFormat } from '../../../../test/support/openrtb-protoc.ts'
import type { OrtbBidRequest, OrtbBidResponse } from './openrtb.generated.ts'
import { readBidRequestProto, readBidResponseProto } from './ortb-proto-reader.ts'
import { writeBidRequestProto, writeBidResponseProto } from './ortb-proto-writer.ts'
import { type OrtbLayout, ortbMessage } from './ortb-schema.ts'

interface Fixture {
  readonly message: 'BidRequest' | 'BidResponse'
  readonly layout: OrtbLayout
  readonly variant: number
  /** Whether repeated numbers were written one by one, as older senders do. */
  readonly unpacked: boolean
  readonly base64: string
}

const fixturesFile = join(import.meta.dirname, 'fixtures', 'protoc.json')
if (process.env['UPDATE_PROTOC'] === '1') writeFixtures()
const fixtures = JSON.parse(readFileSync(fixturesFile, 'utf8')) as readonly Fixture[]

test('fixtures cover both messages, both layouts, every oneof, packed and not', () => {
  expect(fixtures).toHaveLength(2 * 2 * fillVariants.length + 2)
})

test.each(fixtures)(
  'reads what protoc wrote: $message, $layout layout, variant $variant, unpacked: $unpacked',
  ({ message, layout, variant, base64 }) => {
    const bytes = new Uint8Array(Buffer.from(base64, 'base64'))
    const read = message === 'BidRequest' ? readBidRequestProto : readBidResponseProto
    expect(read(bytes, layout)).toEqual(fillMessage(message, layout, variant))
  },
)

// Google declares some lists of numbers unpacked; we pack them all, which every decoder takes.
test.each(fixtures.filter((fixture) => fixture.layout === 'iab'))(
  'writes the bytes that protoc writes: $message, $layout layout, variant $variant',
  ({ message, layout, variant, base64 }) => {
    const object = fillMessage(message, layout, variant) as unknown
    const bytes =
      message === 'BidRequest'
        ? writeBidRequestProto(object as OrtbBidRequest, layout)
        : writeBidResponseProto(object as OrtbBidResponse, layout)
    // The order of fields is free, the bytes of each are not.
    const sorted = (all: Uint8Array): Uint8Array => all.slice().sort()
    expect(sorted(bytes)).toEqual(sorted(new Uint8Array(Buffer.from(base64, 'base64'))))
  },
)

function writeFixtures(): void {
  const folder = mkdtempSync(join(tmpdir(), 'openrtb-protoc-'))
  const made: Fixture[] = []
  const add = (fixture: Omit<Fixture, 'base64'>): void => {
    const proto = bothLayoutsProto()
    writeFileSync(
      join(folder, 'both.proto'),
      fixture.unpacked ? proto.replaceAll('packed = true', 'packed = false') : proto,
    )
    const object = fillMessage(fixture.message, fixture.layout, fixture.variant)
    const input = textFormat(object, ortbMessage(fixture.message), fixture.layout)
    const type = `com.iabtechlab.openrtb.v2.${fixture.message}`
    const output = execFileSync('protoc', ['-I', folder, `--encode=${type}`, 'both.proto'], {
      input,
    })
    made.push({ ...fixture, base64: output.toString('base64') })
  }
  for (const message of ['BidRequest', 'BidResponse'] as const) {
    for (const layout of ['iab', 'google'] as const) {
      for (const variant of fillVariants) add({ message, layout, variant, unpacked: false })
    }
    add({ message, layout: 'google', variant: 0, unpacked: true })
  }
  rmSync(folder, { recursive: true })
  writeFileSync(fixturesFile, `${JSON.stringify(made, null, 2)}\n`)
}
