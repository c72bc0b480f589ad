/**
 * The codec on the material that stays outside of the repository: the standard's field table and
 * requests of other exchanges. Skipped with a printed reason where it is not beside the checkout.
 */
import { deepStrictEqual } from 'node:assert'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readBidRequestJson } from './json-reader.ts'
import { writeBidRequestJson } from './json-writer.ts'
import type { OrtbBidRequest } from './openrtb.generated.ts'
import { readBidRequestProto } from './ortb-proto-reader.ts'
import { writeBidRequestProto } from './ortb-proto-writer.ts'
import { FieldKind, ortbMessages } from './ortb-schema.ts'

const shared = join(import.meta.dirname, '../../../../../shared/openrtb')
const tableFile = join(shared, 'fields-2.6.csv')
const requestsFile = join(shared, 'requests-dev.ndjson.gz')

/** A test of shared material; where that is absent it says so and is skipped. */
function testShared(name: string, file: string, run: () => void): void {
  const isThere = existsSync(file)
  if (!isThere) console.log(`skipped "${name}": ../shared/openrtb is not beside the checkout`)
  test.skipIf(!isThere)(name, run)
}

const kindNames: Readonly<Record<FieldKind, string>> = {
  [FieldKind.String]: 'string',
  [FieldKind.Int32]: 'int32',
  [FieldKind.Double]: 'double',
  [FieldKind.Bool]: 'bool',
  [FieldKind.Int64]: 'int64',
  [FieldKind.Json]: 'google.protobuf.Value',
  [FieldKind.Map]: '"map<string,double>"',
  [FieldKind.Message]: '',
}

testShared("every field of the standard's table has its home, number and type", tableFile, () => {
  const rows = readFileSync(tableFile, 'utf8').trim().split('\n').slice(1)
  const homes: string[] = []
  const wanted: string[] = []
  for (const row of rows) {
    const [path = '', name = '', , type = '', , group = ''] = splitRow(row)
    if (type === 'enum-value') continue
    wanted.push(row)
    const field = ortbMessages.get(path)?.fields.find((candidate) => candidate.name === name)
    if (field === undefined) continue
    const held = field.message?.path ?? kindNames[field.kind]
    const label = field.kind === FieldKind.Map ? 'map' : field.isList ? 'repeated' : ''
    const isGrouped = field.oneof.length > 0
    homes.push([path, name, field.number, held, label, isGrouped ? group : ''].join(','))
  }
  expect(wanted).toHaveLength(591)
  expect(homes).toEqual(wanted)
})

function splitRow(row: string): string[] {
  return row.replace('map<string,double>', 'map<string;double>').split(',')
}

testShared('every development request is the same object on both wires', requestsFile, () => {
  const lines = gunzipSync(readFileSync(requestsFile)).toString('utf8').trim().split('\n')
  const utf8 = new TextEncoder()
  let withSiteAndApp = 0
  for (const line of lines) {
    const { body } = JSON.parse(line) as { body: unknown }
    const request = readBidRequestJson(utf8.encode(JSON.stringify(body))) as OrtbBidRequest
    deepStrictEqual(readBidRequestJson(writeBidRequestJson(request)), request)
    const expected = structuredClone(request)
    if (expected.site !== null && expected.app !== null) {
      // The oneof of the protobuf schema keeps one of them.
      expected.site = null
      withSiteAndApp++
    }
    deepStrictEqual(readBidRequestProto(writeBidRequestProto(request, 'iab'), 'iab'), expected)
    const google = readBidRequestProto(writeBidRequestProto(request, 'google'), 'google')
    deepStrictEqual(google, expected)
  }
  expect(lines).toHaveLength(651)
  expect(withSiteAndApp).toBe(10)
})
