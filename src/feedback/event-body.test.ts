/** Both forms of `POST /events`: the same events from JSON and from bytes of `protoc`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newTeller, nowMs } from '../../test/support/event-teller.ts'
import { ProtoWriter } from '../lib/proto-writer.ts'
import { EventBodies } from './event-body.ts'

const bodies = new EventBodies(newTeller().teller)

function golden(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, 'golden', name))
}

function bytesOf(name: string): Buffer {
  return Buffer.from(golden(name).toString(), 'base64')
}

function toldBy(body: Uint8Array, isJson: boolean) {
  const batch = bodies.read(body, isJson, nowMs)
  return batch.ok ? Array.from({ length: batch.count }, (_, i) => batch.at(i)) : batch
}

describe('EventBodies', () => {
  test('reads the same events, and the same faults, from JSON and from protobuf', () => {
    const fromJson = toldBy(golden('events.json'), true)
    expect(toldBy(bytesOf('events.base64'), false)).toEqual(fromJson)
    expect(fromJson).toMatchObject([
      { ok: true, event: { orderId: '4711', clickId: 'wx0abc-你', isTest: true } },
      { ok: true },
      { ok: true, event: { medium: 'kuaishou' } },
      { code: 'SLUICE_EVENT_TOKEN' },
      { code: 'SLUICE_EVENT_SUBJECT' },
      { code: 'SLUICE_EVENT_SUBJECT' },
      { code: 'SLUICE_EVENT_TYPE' },
      { code: 'SLUICE_EVENT_TIME' },
    ])
  })

  test('does not hold on to the bytes it was given', () => {
    const body = bytesOf('events.base64')
    const batch = bodies.read(body, false, nowMs)
    body.fill(0)
    expect(batch.ok && batch.at(1)).toMatchObject({ ok: true })
  })

  test('answers in protobuf as protoc does', () => {
    const results = [
      { status: 'accepted', id: 'abcdefghijklmnopqrstuv' },
      { status: 'rejected', code: 'SLUICE_EVENT_TYPE', message: 'what a type is' },
      { status: 'unavailable' },
    ] as const
    expect(Buffer.from(bodies.results(results, false))).toEqual(bytesOf('results.base64'))
    expect(JSON.parse(Buffer.from(bodies.results(results, true)).toString())).toEqual({
      results: results.map((result, index) => ({ index, ...result })),
    })
  })

  test('skips what a later schema may add, and fields of a wrong wire type', () => {
    const writer = new ProtoWriter()
    const event = writer.open(1)
    writer.uint32(1, 1).text(2, 'e-1').wide(3, String(nowMs)).text(5, 'shoes-autumn')
    writer.text(1, 'a text where the type is').uint32(2, 7).text(99, 'new').double(98, 1)
    writer.close(event)
    writer.text(50, 'beside the events')
    expect(toldBy(writer.finish(), false)).toMatchObject([{ ok: true, event: { kind: 1 } }])
  })

  test.each([true, false])('never throws, whatever the bytes (JSON: %s)', (isJson) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(toldBy(bytes, isJson)).toBeDefined()
      }),
    )
  })

  test('never throws on a batch that was damaged anywhere', () => {
    const body = bytesOf('events.base64')
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(body)
        damaged[at] = byte
        expect(toldBy(damaged, false)).toBeDefined()
      }),
    )
  })

  test('answers with anything JSON can say an event might be', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (event) => {
        const told = toldBy(Buffer.from(JSON.stringify({ events: [event] })), true)
        expect(told).toMatchObject([{ ok: false }])
      }),
    )
  })
})
