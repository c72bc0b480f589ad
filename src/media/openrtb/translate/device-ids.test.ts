/** Which ids become device keys, of which type, and when none does. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  exchangeWith,
  type Json,
  requestOf,
  testHasher,
} from '../../../../test/support/openrtb-decode.ts'
import { DeviceKeys, deviceIdsMax } from '../../../domain/device-keys.ts'
import { IdType } from '../../../domain/id-type.ts'

const uuid = '3f2b1c0d-9e8f-4a7b-b6c5-d4e3f2a1b0c9'
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** Types and keys of a request, and of ids added by hand. */
const keysOf = (devices: DeviceKeys) =>
  Array.from({ length: devices.count }, (_, i) => [devices.type[i], devices.hex(i)])
const keysOfRequest = (parts: Json) => keysOf(requestOf(parts).devices)
function keysOfIds(...ids: readonly (readonly [type: number, text: string, scope?: string])[]) {
  const devices = new DeviceKeys()
  for (const [type, text, scope] of ids) testHasher.addText(devices, type, text, scope)
  return keysOf(devices)
}

describe('device.ifa', () => {
  test.each([
    ['of iOS is an IDFA', { os: 'iOS' }, IdType.Idfa, ''],
    ['of tvOS is an IDFA', { os: 'tvOS' }, IdType.Idfa, ''],
    ['of Android is a GAID', { os: 'android' }, IdType.Gaid, ''],
    ['of HarmonyOS is an OAID', { os: 'HarmonyOS' }, IdType.Oaid, ''],
    ['of another system is of no known kind', { os: 'Roku' }, IdType.Ifa, ''],
    ['is what ifa_type says', { os: 'Roku', ext: { ifa_type: 'RIDA' } }, IdType.Ifa, 'rida'],
    [
      'is what ifa_type says, not the system',
      { os: 'Linux', ext: { ifa_type: 'aaid' } },
      IdType.Gaid,
      '',
    ],
    ['is what a misplaced ifa_type says', { os: 'Linux', ifa_type: 'idfa' }, IdType.Idfa, ''],
    ['of Android may be an OAID', { os: 'Android', ext: { ifa_type: 'oaid' } }, IdType.Oaid, ''],
  ])('%s', (_, device, type, scope) => {
    expect(keysOfRequest({ device: { ifa: uuid, ...device } })).toEqual(
      keysOfIds([type, uuid, scope]),
    )
  })

  test('of a session is not used', () => {
    expect(keysOfRequest({ device: { ifa: uuid, ext: { ifa_type: 'sessionid' } } })).toEqual([])
  })

  test('of zeros is nobody, and counted as doubtful', () => {
    const { devices } = requestOf({ device: { ifa: uuid.replace(/\w/g, '0'), os: 'iOS' } })
    expect([devices.count, devices.doubtful]).toEqual([0, 1])
  })

  test('meets the pack of its md5', () => {
    const fromPack = keysOfIds([IdType.GaidMd5, md5(uuid)])
    const fromRequest = keysOfRequest({ device: { os: 'Android', ifa: uuid.toUpperCase() } })
    expect(fromRequest[0]?.[1]).toBe(fromPack[0]?.[1])
  })
})

test('hashed ids: imei, the platform’s own, mac, and the vendor’s of iOS', () => {
  const hashed = { didmd5: md5('imei'), dpidmd5: md5('dpid'), macmd5: md5('mac') }
  expect(keysOfRequest({ device: { os: 'Android', ...hashed } })).toEqual(
    keysOfIds(
      [IdType.ImeiMd5, hashed.didmd5],
      [IdType.AndroidIdMd5, hashed.dpidmd5],
      [IdType.MacMd5, hashed.macmd5],
    ),
  )
  expect(
    keysOfRequest({ device: { os: 'iOS', dpidmd5: hashed.dpidmd5, ext: { ifv: uuid } } }),
  ).toEqual(keysOfIds([IdType.IdfaMd5, hashed.dpidmd5], [IdType.Idfv, uuid]))
})

test('sha1 forms are not used: no pack can hold what they meet', () => {
  const sha1 = createHash('sha1').update('x').digest('hex')
  const { devices } = requestOf({ device: { didsha1: sha1, dpidsha1: sha1, macsha1: sha1 } })
  expect([devices.count, devices.doubtful]).toEqual([0, 0])
})

test('ids of the user are scoped by exchange, those of others by their source', () => {
  const eids = [
    { source: 'ID.example', uids: [{ id: 'A1', atype: 3 }, { id: 'A2' }] },
    { source: 'other.example', uids: [{ id: '' }, {}] },
  ]
  expect(keysOfRequest({ user: { id: 'u1', buyeruid: 'b1', eids } })).toEqual(
    keysOfIds(
      [IdType.BuyerUid, 'b1', 'north'],
      [IdType.User, 'u1', 'north'],
      [IdType.Eid, 'A1', 'id.example'],
      [IdType.Eid, 'A2', 'id.example'],
    ),
  )
  const south = requestOf({ user: { id: 'u1' } }, exchangeWith({ id: 'south' })).devices
  expect(south.hex(0)).not.toBe(keysOfIds([IdType.User, 'u1', 'north'])[0]?.[1])
})

test('reads eids where 2.5 has them', () => {
  const eids = [{ source: 'id.example', uids: [{ id: 'A1' }] }]
  expect(keysOfRequest({ user: { ext: { eids } } })).toEqual(
    keysOfIds([IdType.Eid, 'A1', 'id.example']),
  )
})

test('a thousand ids fill the columns and cost no more', () => {
  const uids = Array.from({ length: 1_000 }, (_, i) => ({ id: `user-${i}` }))
  const { devices } = requestOf({ user: { eids: [{ source: 's.example', uids }] } })
  expect([devices.count, devices.overflow]).toEqual([deviceIdsMax, 16])
})

describe('where personal data may not be used', () => {
  const person = {
    device: { ifa: uuid, os: 'iOS', ip: '203.0.113.7' },
    user: {
      id: 'u1',
      buyeruid: 'b',
      yob: 1990,
      gender: 'f',
      eids: [{ source: 's', uids: [{ id: '1' }] }],
    },
  }

  test('but may: keys, age and gender are there', () => {
    const request = requestOf(person)
    expect(request.devices.count).toBe(4)
    expect(request).toMatchObject({ privacyLimit: 0, yearOfBirth: 1990, gender: 'F' })
    expect(request.ip).toBe('203.0.113.7')
  })

  test.each([
    ['lmt', { device: { ...person.device, lmt: 1 } }, 2],
    ['dnt', { device: { ...person.device, dnt: 1 } }, 3],
    ['coppa', { regs: { coppa: 1 } }, 1],
    ['atts', { device: { ...person.device, ext: { atts: 2 } } }, 12],
    ['gdpr without consent', { regs: { gdpr: 1 } }, 4],
    ['gdpr in its old place', { regs: { ext: { gdpr: 1 } } }, 4],
    ['us_privacy', { regs: { us_privacy: '1YYN' } }, 8],
    ['us_privacy in its old place', { regs: { ext: { us_privacy: '1YYN' } } }, 8],
    ['gpc', { regs: { ext: { gpc: '1' } } }, 11],
  ])('by %s: no key, no age, no gender, and it says so', (_, parts, privacyLimit) => {
    const request = requestOf({ ...person, ...parts })
    expect([request.devices.count, request.devices.doubtful]).toEqual([0, 0])
    expect(request).toMatchObject({ privacyLimit, yearOfBirth: 0, gender: '', ip: '203.0.113.0' })
  })
})

test.each([
  [{ yob: 1899 }, 0, ''],
  [{ yob: 2101, gender: 'X' }, 0, ''],
  [{ yob: '1984', gender: 'o' }, 1984, 'O'],
])('%j is born %d and %j', (user, yearOfBirth, gender) => {
  expect(requestOf({ user })).toMatchObject({ yearOfBirth, gender })
})
