import { describe, expect, test } from 'vitest'
import { DeviceKeys } from '../domain/device-keys.ts'
import { IdType } from '../domain/id-type.ts'
import { DeviceHasher } from './device-hasher.ts'
import { NamedIds } from './named-ids.ts'

const hasher = new DeviceHasher(Uint8Array.from({ length: 16 }, (_, i) => i))
const ids = new NamedIds(hasher)
const oaid = '1a2b3c4d5e6f7081'

describe('NamedIds', () => {
  test('gives the key that a request with this id has', () => {
    const devices = new DeviceKeys()
    hasher.addText(devices, IdType.Oaid, oaid)
    expect(ids.keyOf({ type: 'oaid', value: oaid, scope: '' })).toEqual({
      type: IdType.Oaid,
      high: devices.high[0],
      low: devices.low[0],
    })
  })

  test('lets a raw id and its md5 meet, and two scopes not', () => {
    const raw = ids.keyOf({ type: 'oaid', value: oaid, scope: '' })
    // printf %s 1a2b3c4d5e6f7081 | md5sum
    const md5 = '5322c5e8f6c9d716938a2a26ec2296c0'
    expect(ids.keyOf({ type: 'oaid_md5', value: md5, scope: '' })).toMatchObject({
      high: (raw as { high: number }).high,
    })
    const [one, two] = ['wx1', 'wx2'].map((scope) =>
      ids.keyOf({ type: 'openid', value: 'o-1', scope }),
    )
    expect(one).not.toEqual(two)
  })

  test('gives no key of a doubtful id, and says when there is no such type', () => {
    expect(ids.keyOf({ type: 'oaid', value: '00000000', scope: '' })).toBeNull()
    expect(ids.keyOf({ type: 'oaid', value: '__OAID__', scope: '' })).toBeNull()
    expect(ids.keyOf({ type: 'phone', value: oaid, scope: '' })).toBe('unknown')
  })
})
