import { expect, test } from 'vitest'
import { ProtoReader } from '../../src/lib/proto-reader.ts'
import { Expect } from '../load/request-file.ts'
import { deviceIdText, IdKind, idLines } from './device-ids.ts'
import { isInPack, packCount, strategies, worldRequests } from './rta-world.ts'

test('every device is in five packs', () => {
  for (let device = 0; device < 500; device++) {
    const packs = Array.from({ length: packCount }, (_, number) => isInPack(device, number))
    expect(packs.filter(Boolean)).toHaveLength(5)
  }
})

test('there are 20 strategies with at least three packs each', () => {
  expect(strategies()).toHaveLength(20)
  for (const { body } of strategies()) {
    const { all, any, none } = body.audience
    expect(new Set([...all, ...any, ...none]).size).toBeGreaterThanOrEqual(3)
  }
})

test('half of the requests are to be accepted, and each has three to five ids', () => {
  const requests = worldRequests({ devices: 2_000, requestDevices: 400 })
  expect(requests.filter((request) => request.expect === Expect.Accept)).toHaveLength(200)
  expect(requests.filter((request) => request.expect === Expect.Refuse)).toHaveLength(200)
  const counts = new Set<number>()
  for (const { body } of requests) counts.add(idsOf(body))
  expect([...counts].sort((a, b) => a - b)).toEqual([3, 4, 5])
})

test('ids differ between devices and kinds, and upload lines hold them all', () => {
  const texts = new Set<string>()
  for (let device = 0; device < 2_000; device++) {
    for (const kind of Object.values(IdKind)) texts.add(deviceIdText(device, kind))
  }
  expect(texts.size).toBe(2_000 * 5)
  const lines = Buffer.concat([...idLines(0, 10_000, (device) => device % 2 === 1)])
  expect(lines.length).toBe(5_000 * 33)
  expect(lines.toString('latin1', 0, 33)).toBe(`${deviceIdText(1, IdKind.Oaid)}\n`)
  expect(lines.toString('latin1', lines.length - 33)).toBe(`${deviceIdText(9_999, IdKind.Oaid)}\n`)
})

function idsOf(body: Uint8Array): number {
  const reader = new ProtoReader().reset(body)
  const device = new ProtoReader()
  let ids = 0
  while (reader.next()) {
    if (reader.field !== 5) {
      reader.skip()
      continue
    }
    reader.message(device)
    while (device.next()) {
      if ([2, 3, 4, 5, 6, 13].includes(device.field)) ids++
      device.skip()
    }
  }
  expect(reader.ok && device.ok).toBe(true)
  return ids
}
