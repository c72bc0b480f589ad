import { beforeEach, expect, test } from 'vitest'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { eventRecord } from '../feedback/log-record.ts'
import { DeadReason, deadKey, encodeDead } from '../feedback/project/note.ts'
import { eventNumber } from './archive/test-archive.ts'

const url = '/api/v1/events/dead'

let harness: Harness

beforeEach(async () => {
  harness = await newHarness()
})

/** Puts dead letters where a projector leaves them. */
async function bury(count: number): Promise<void> {
  const { state } = harness.feedback
  const writes = Array.from({ length: count }, (_, i) => {
    const record = i === 0 ? new Uint8Array([9, 9, 9]) : eventRecord(eventNumber(i))
    const reason = i === 0 ? DeadReason.Unreadable : DeadReason.Failed
    return { key: deadKey('w0', `${i + 5}`, 20_000), value: encodeDead(reason, record) }
  })
  await state.commit([{ part: 'w0', from: '', to: '9', writes, sends: [] }])
}

test('dead letters are listed, newest first, with their reason and what can be read', async () => {
  await bury(8)
  const { body } = await harness.call('GET', `${url}?limit=7`, { role: 'viewer' })
  expect(body['total']).toBe(8)
  const items = body['items'] as { name: string }[]
  expect(items.map(({ name }) => name)).toEqual([12, 11, 10, 9, 8, 7, 6].map((at) => `w0.${at}`))
  expect(items[6]).toMatchObject({ reason: 2, reasonName: 'failed', date: '2024-10-04' })
  expect(items[6]).toMatchObject({ event: { kind: 1, medium: 'tencent' } })
  const all = (await harness.call('GET', url)).body['items'] as unknown[]
  expect(all.at(-1)).toMatchObject({
    name: 'w0.5',
    reasonName: 'unreadable',
    bytes: 3,
    event: null,
  })
})

test('one is sent through the log again, as it was, and is no dead letter any more', async () => {
  await bury(2)
  const replay = (body: object) => harness.call('POST', `${url}/replay`, { role: 'admin', body })
  expect((await replay({ name: 'w0.6' })).body).toEqual({ replayed: 1 })
  const [records = []] = await harness.feedback.read([{ part: 'w0', after: '' }], 9)
  expect(records.map(({ bytes }) => bytes)).toEqual([eventRecord(eventNumber(1))])
  expect((await replay({ name: 'w0.6' })).status).toBe(404)
  expect((await replay({ all: true })).body).toEqual({ replayed: 1 })
  expect((await harness.call('GET', url)).body).toEqual({ total: 0, items: [] })
  const { body } = await harness.call('GET', '/api/v1/audit')
  expect(body['items']).toMatchObject([
    { action: 'replay', id: '', detail: { replayed: 1 } },
    { action: 'replay', id: 'w0.6', detail: { replayed: 1 } },
  ])
})

test('a log that does not take it keeps the dead letter', async () => {
  await bury(1)
  harness.feedback.fails = (call) => call === 'append'
  const answer = await harness.call('POST', `${url}/replay`, { role: 'admin', body: { all: true } })
  expect(answer.status).toBe(503)
  harness.feedback.fails = () => false
  expect((await harness.call('GET', url)).body['total']).toBe(1)
})

test('only an admin replays, and says what', async () => {
  const replay = (role: 'marketer' | 'admin', body: object) =>
    harness.call('POST', `${url}/replay`, { role, body })
  expect((await replay('marketer', { all: true })).status).toBe(403)
  expect((await replay('admin', {})).status).toBe(400)
  expect((await replay('admin', { all: false })).status).toBe(400)
  expect((await harness.call('GET', `${url}?limit=0`)).status).toBe(400)
})
