import { expect, test } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { DeviceHasher } from '../identity/device-hasher.ts'
import { systemClock } from '../lib/clock.ts'
import { setUpMedia } from './media-setup.ts'

const hasher = new DeviceHasher(new Uint8Array(16))

function mediaOf(file: object) {
  const config = loadConfig({ SLUICE_CONFIG: 'x.json' }, () => JSON.stringify(file))
  return setUpMedia(config, hasher, systemClock)
}

test('every built-in medium is set up with its own settings', () => {
  const media = mediaOf({ media: { tencent: { qpsMax: 5 } } })
  expect(media.map(({ adapter }) => adapter.name)).toEqual(
    expect.arrayContaining(['tencent', 'oceanengine', 'sluice']),
  )
  for (const { adapter, settings } of media) {
    expect(settings.name).toBe(adapter.name)
    expect(settings.qpsMax).toBe(adapter.name === 'tencent' ? 5 : 0)
  }
})

test('settings of a medium that does not exist are refused', () => {
  expect(() => mediaOf({ media: { tencnet: {} } })).toThrow(
    expect.objectContaining({ code: 'SLUICE_MEDIA_UNKNOWN' }),
  )
})

test('allowances that leave no time to decide are refused', () => {
  expect(() => mediaOf({ media: { tencent: { networkAllowanceMs: 58 } } })).toThrow(
    expect.objectContaining({ code: 'SLUICE_PROCESS_NO_TIME' }),
  )
})
