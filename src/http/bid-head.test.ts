import { expect, test } from 'vitest'
import { Coding, codingOf, isJsonType, takesGzip } from './bid-head.ts'

test.each([
  ['', Coding.Plain],
  ['identity', Coding.Plain],
  [' , ', Coding.Plain],
  ['gzip', Coding.Gzip],
  ['X-Gzip', Coding.Gzip],
  ['identity,gzip', Coding.Gzip],
  ['gzip, gzip', Coding.Unknown],
  ['gzip, br', Coding.Unknown],
  ['br, gzip', Coding.Unknown],
  ['deflate', Coding.Unknown],
  ['zstd', Coding.Unknown],
])('content encoding %j is coding %d', (header, coding) => {
  expect(codingOf(header)).toBe(coding)
})

test.each([
  ['gzip;q=1', true],
  ['gzip;Q=0.001', true],
  ['gzip ; q = 0.5', true],
  ['gzip;level=1', true],
  ['gzip;q=', false],
  ['gzip;q=high', false],
  ['gzip;q=-1', false],
  ['*;q=0.1, gzip;q=0', false],
  ['*;q=0, gzip', true],
  [',,;', false],
])('accept encoding %j takes gzip: %s', (header, takes) => {
  expect(takesGzip(header)).toBe(takes)
})

test('only the three protobuf types are not JSON', () => {
  expect(isJsonType(' application/protobuf ; x=y')).toBe(false)
  expect(isJsonType('application/x-protobuffer')).toBe(true)
  expect(isJsonType('application/vnd.google.protobuf')).toBe(true)
})
