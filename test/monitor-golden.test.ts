/**
 * Golden fixtures of monitoring links: a call in, facts and device keys out. `UPDATE_GOLDEN=1` (or
 * a medium's name) rewrites what is expected, but never `sameDeviceAs`; review the diff like code.
 */
import { describe, expect, test } from 'vitest'
import { DeviceKeys } from '../src/domain/device-keys.ts'
import { monitorNames } from '../src/domain/monitor.ts'
import type { DeviceHasher } from '../src/identity/device-hasher.ts'
import { queryParams } from '../src/lib/query-params.ts'
import { createMonitorReader } from '../src/media/monitor-reader.ts'
import { goldenHasher, keysOf, keysOfIds, RecordingHasher } from './golden/canonical.ts'
import {
  type MonitorFile,
  type MonitorSubject,
  monitorSubjects,
  saveMonitorFile,
} from './golden/monitor-fixture.ts'

const toUpdate = process.env['UPDATE_GOLDEN'] ?? ''

function readWith(hasher: DeviceHasher, { description }: MonitorSubject, { fixture }: MonitorFile) {
  const devices = new DeviceKeys()
  const { kind, query, receivedAtMs } = fixture
  const reader = createMonitorReader(description, hasher)
  const facts = reader.read(kind, queryParams(query), receivedAtMs, devices)
  return { facts, devices }
}

function update(subject: MonitorSubject, file: MonitorFile): void {
  const recorder = new RecordingHasher()
  const { facts, devices } = readWith(recorder, subject, file)
  file.fixture.facts = { ...facts }
  file.fixture.devices = [...recorder.ids]
  file.fixture.doubtful = devices.doubtful
  saveMonitorFile(file)
}

/** Keys without the type: the forms of one id differ in it, and in nothing else. */
function bareKeys(words: readonly string[]): string[] {
  return words.map((word) => word.slice(word.indexOf(':') + 1)).sort()
}

test('all media of the issue have links', () => {
  const names = monitorSubjects.map(({ name }) => name)
  expect(names.sort()).toEqual(
    [
      ...['tencent', 'oceanengine', 'kuaishou', 'baidu', 'xiaohongshu', 'bilibili', 'weibo'],
      ...['zhihu', 'oppo', 'vivo', 'huawei', 'qutoutiao-style'],
    ].sort(),
  )
})

describe.each(monitorSubjects)('$name', (subject) => {
  const { description, files } = subject
  if (toUpdate === '1' || toUpdate === subject.name) for (const file of files) update(subject, file)

  test('has a call of each sort', () => {
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['click', 'hostile', 'imp', 'unreplaced']),
    )
  })

  test('has no parameter twice, and none of our own names', () => {
    for (const params of Object.values(description.links)) {
      const names = (params ?? []).map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      for (const own of Object.values(monitorNames)) expect(names).not.toContain(own)
    }
  })

  test.each(files)('reads $name', (file) => {
    const { facts, devices } = readWith(goldenHasher, subject, file)
    expect({ ...facts }).toEqual(file.fixture.facts)
    expect(devices.doubtful).toBe(file.fixture.doubtful)
    expect(keysOf(devices)).toEqual(keysOfIds(file.fixture.devices ?? []))
  })

  test.each(files.filter(({ fixture }) => fixture.sameDeviceAs !== undefined))(
    'the ids of $name have the keys of the raw ids behind them',
    (file) => {
      const { devices } = readWith(goldenHasher, subject, file)
      const raw = keysOfIds(file.fixture.sameDeviceAs ?? [])
      expect(bareKeys(keysOf(devices))).toEqual(bareKeys(raw))
    },
  )

  test('a link in which nothing was replaced is a trial, and says nothing', () => {
    const file = files.find(({ name }) => name === 'unreplaced')!
    const { facts, devices } = readWith(goldenHasher, subject, file)
    expect(facts).toMatchObject({ isTrial: true, clickId: '', kept: '', unit: '//', timeMs: 0 })
    expect(devices.count + devices.doubtful).toBe(0)
  })
})
