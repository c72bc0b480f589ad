/** Which texts of an id meet in one key, for every type, as rta-media.md §1.3 and §4.1 say. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DeviceKeys } from '../domain/device-keys.ts'
import { IdType, idTypeNamed, idTypes } from '../domain/id-type.ts'
import { DeviceHasher, idBytesMax, type KeyHalves, scopeBytesMax } from './device-hasher.ts'
import { IdDoubt, idDoubtNames } from './id-doubt.ts'

const salt = Uint8Array.from({ length: 16 }, (_, i) => i * 7 + 1)
const hasher = new DeviceHasher(salt)

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** Key as 16 hex digits, or the name of the doubt. */
function keyOf(typeName: string, text: string, scope = '', by = hasher): string {
  const type = idTypeNamed(typeName)
  if (type === null) throw new Error(`no type ${typeName}`)
  const bytes = Buffer.from(text)
  const out: KeyHalves = { high: 0, low: 0 }
  const doubt = by.keyOf(type, bytes, 0, bytes.length, scope, out)
  return doubt === IdDoubt.None
    ? out.high.toString(16).padStart(8, '0') + out.low.toString(16).padStart(8, '0')
    : (idDoubtNames[doubt] ?? String(doubt))
}

const mixed = 'Ab3dEf71-90aB-4cDe-8f01-23456789aBcD'

/**
 * For each raw type: an id, what the medium md5s (the facts' rule), and whether the same id in
 * other letters is the same device.
 */
const rules = [
  // Tencent imei_md5sum = md5(lower(imei)); Kuaishou the same.
  { raw: 'imei', md5: 'imei_md5', id: 'A100000b2C3D4e', hashed: 'lower', casesMeet: true },
  { raw: 'imei', md5: 'imei_md5', id: '860736041234567', hashed: 'asis', casesMeet: true },
  // Tencent oaid_md5sum = md5(raw).
  { raw: 'oaid', md5: 'oaid_md5', id: mixed, hashed: 'asis', casesMeet: false },
  // Tencent idfa_md5sum = md5(upper(idfa)); Kuaishou and Weibo the same.
  { raw: 'idfa', md5: 'idfa_md5', id: mixed, hashed: 'upper', casesMeet: true },
  // Tencent android_id_md5sum = md5(raw); Kuaishou lower first: one for real, lower-case ids.
  {
    raw: 'android_id',
    md5: 'android_id_md5',
    id: '9a3f5b7c1d2e4f60',
    hashed: 'asis',
    casesMeet: false,
  },
  {
    raw: 'android_id',
    md5: 'android_id_md5',
    id: '9a3f5b7c1d2e4f60',
    hashed: 'lower',
    casesMeet: false,
  },
  // Tencent mac_md5sum = md5(mac); Bilibili upper with colons: one for a pack of such.
  { raw: 'mac', md5: 'mac_md5', id: 'A4:50:46:7C:9E:1F', hashed: 'asis', casesMeet: false },
  { raw: 'mac', md5: 'mac_md5', id: 'A4:50:46:7C:9E:1F', hashed: 'upper', casesMeet: false },
  { raw: 'mac', md5: 'mac_md5', id: 'a450467c9e1f', hashed: 'asis', casesMeet: false },
  { raw: 'gaid', md5: 'gaid_md5', id: mixed, hashed: 'lower', casesMeet: true },
  {
    raw: 'caid',
    md5: 'caid_md5',
    id: 'b4f2C8d6e0a13579bdf02468ace13579',
    hashed: 'asis',
    casesMeet: false,
  },
] as const

const inCase = {
  asis: (text: string) => text,
  lower: (text: string) => text.toLowerCase(),
  upper: (text: string) => text.toUpperCase(),
}

describe.each(rules)('$raw $id, hashed $hashed', ({ raw, md5: md5Type, id, hashed, casesMeet }) => {
  const scope = raw === 'caid' ? '20230330' : ''
  const key = keyOf(raw, id, scope)
  const digest = md5(inCase[hashed](id))

  test('has a key', () => expect(key).toMatch(/^[0-9a-f]{16}$/))

  test.each([
    ['lower', digest],
    ['upper (Weibo)', digest.toUpperCase()],
    ['mixed', digest.slice(0, 16).toUpperCase() + digest.slice(16)],
    ['spaced', ` \t${digest}\r\n`],
  ])('meets its md5 in %s digits', (_, text) => expect(keyOf(md5Type, text, scope)).toBe(key))

  test('is the same between white space', () => expect(keyOf(raw, `  ${id}\r`, scope)).toBe(key))

  test(`${casesMeet ? 'meets' : 'does not meet'} itself in other letters`, () => {
    for (const other of [id.toLowerCase(), id.toUpperCase()]) {
      expect(keyOf(raw, other, scope) === key).toBe(casesMeet || other === id)
    }
  })

  test('does not meet the md5 of its other case', () => {
    const wrong = hashed === 'upper' ? id.toLowerCase() : id.toUpperCase()
    const isSame = wrong === inCase[hashed](id)
    expect(keyOf(md5Type, md5(wrong), scope) === key).toBe(isSame)
  })

  test('does not meet its md5 under another salt, though both forms meet there', () => {
    const other = new DeviceHasher(salt.map((byte) => byte ^ 1))
    expect(keyOf(raw, id, scope, other)).not.toBe(key)
    expect(keyOf(raw, id, scope, other)).toBe(keyOf(md5Type, digest, scope, other))
  })
})

/** Types without a row above; every type of the table must be in one of the two. */
const alone = [
  { type: 'openid', id: 'oX3dB5zKp-Qr7sTuVwXyZ0123456', casesMeet: false },
  { type: 'idfv', id: mixed, casesMeet: true },
  { type: 'paid', id: 'D41A-b7c9-paid-value', casesMeet: false },
  { type: 'medium_secure', id: 'bG9uZyBlbmNyeXB0ZWQgaWQ=', casesMeet: false },
  { type: 'user', id: 'Kunde-4711-ö', casesMeet: false },
  { type: 'buyer_uid', id: 'Ab3dEf71-90aB', casesMeet: false },
  { type: 'eid', id: 'XY6104gr0njcH9UDIR7ysFFJcm2XNpqeJTYslleJ_jLsFsFuu0', casesMeet: false },
  { type: 'ifa', id: mixed, casesMeet: true },
] as const

describe.each(alone)('$type', ({ type, id, casesMeet }) => {
  test('has a key that white space around does not change', () => {
    expect(keyOf(type, id, 's')).toMatch(/^[0-9a-f]{16}$/)
    expect(keyOf(type, `\t${id} `, 's')).toBe(keyOf(type, id, 's'))
  })

  test(`${casesMeet ? 'meets' : 'does not meet'} itself in other letters`, () => {
    expect(keyOf(type, id.toUpperCase(), 's') === keyOf(type, id, 's')).toBe(casesMeet)
  })
})

test('every id type has a row', () => {
  const tested = new Set<string>([
    ...rules.flatMap((r) => [r.raw, r.md5]),
    ...alone.map((a) => a.type),
  ])
  expect([...tested].sort()).toEqual(idTypes.map((type) => type.name).sort())
})

describe('families and scopes', () => {
  test('one md5 in two families is two devices', () => {
    const names = idTypes.filter((type) => type.form === 'md5').map((type) => type.name)
    const keys = names.map((name) => keyOf(name, md5('one'), 'v'))
    expect(new Set(keys).size).toBe(names.length)
  })

  test('one token in two opaque types is two devices', () => {
    const opaque = ['openid', 'paid', 'medium_secure', 'user', 'buyer_uid', 'eid']
    const keys = opaque.map((name) => keyOf(name, 'token', 'v'))
    expect(new Set(keys).size).toBe(opaque.length)
  })

  test.each(['caid_md5', 'caid', 'openid', 'paid', 'medium_secure', 'user', 'eid', 'ifa'])(
    '%s: the scope is part of the identity, the empty one too',
    (name) => {
      const id = md5('an id')
      const keys = ['', '20220111', '20230330', '1.3', '1.4'].map((scope) => keyOf(name, id, scope))
      expect(new Set(keys).size).toBe(5)
      expect(keyOf(name, id, '20220111')).toBe(keys[1])
    },
  )

  test('text and scope cannot be shifted into each other', () => {
    expect(keyOf('openid', 'ab', 'cd')).not.toBe(keyOf('openid', 'abc', 'd'))
    expect(keyOf('openid', 'ab', 'cd')).not.toBe(keyOf('openid', 'a', 'bcd'))
  })

  test('a scope given to a type without scopes changes nothing', () => {
    expect(keyOf('oaid', mixed, 'x')).toBe(keyOf('oaid', mixed))
  })

  test('a scope that is too long is a doubt, and does not spoil the next id', () => {
    const good = keyOf('openid', 'abcdef', 'wx1')
    expect(keyOf('openid', 'abcdef', 'x'.repeat(scopeBytesMax + 1))).toBe('too-long')
    expect(keyOf('openid', 'abcdef', '')).not.toBe(good)
    expect(keyOf('openid', 'abcdef', 'wx1')).toBe(good)
  })
})

describe('a md5 in a raw field', () => {
  test.each([
    ['imei', 'imei_md5'],
    ['android_id', 'android_id_md5'],
    ['mac', 'mac_md5'],
  ])('%s: is read as the md5 it must be', (raw, form) => {
    const digest = md5('860736041234567')
    expect(keyOf(raw, digest)).toBe(keyOf(form, digest))
    expect(keyOf(raw, digest.toUpperCase())).toBe(keyOf(form, digest))
    expect(keyOf(raw, md5('unknown'))).toBe('placeholder')
  })

  test.each(['idfa', 'gaid', 'idfv'])(
    '%s: could be a UUID without dashes, so it is refused',
    (raw) => expect(keyOf(raw, md5('x'))).toBe('ambiguous'),
  )

  test.each(['oaid', 'caid'])('%s: is a raw id like any other', (raw) => {
    const digest = md5('x')
    expect(keyOf(raw, digest, '1')).toBe(keyOf(`${raw}_md5`, md5(digest), '1'))
  })
})

describe('doubtful ids', () => {
  const placeholders = [
    'unknown',
    'UNKNOWN',
    'Unknown',
    'null',
    'NULL',
    'undefined',
    'none',
    'None',
    'na',
    'N/A',
    '(null)',
    '0',
    '00000000',
    '000000000000000',
    '0000000000000000',
    '00000000000000000000000000000000',
    '00000000-0000-0000-0000-000000000000',
    '00:00:00:00:00:00',
    '02:00:00:00:00:00',
    '020000000000',
    'FF:FF:FF:FF:FF:FF',
    'ff:ff:ff:ff:ff:ff',
    '111111111111111',
    '9774d56d682e549c',
    '123456789012345',
    '__OAID__',
    '__oaid__',
    '__IMEI__',
    '__IDFA__',
    '{oaid}',
    '{OAID}',
    '{{OAID}}',
    '${OAID}',
    '$im$',
    '__ANDROIDID__',
    '__MAC1__',
    '__CAID__',
    '{idfa_MD5}',
    '%%OAID%%',
    'd41d8cd98f00b204e9800998ecf8427e',
  ]

  test.each(['', ...placeholders])('md5 of "%s" is nobody', (text) => {
    for (const type of idTypes.filter((type) => type.form === 'md5')) {
      expect(keyOf(type.name, md5(text), '1')).toBe('placeholder')
      expect(keyOf(type.name, md5(text).toUpperCase(), '1')).toBe('placeholder')
    }
  })

  test.each(placeholders)('"%s" is nobody in any raw or opaque field', (text) => {
    const fitsToken = new Set([
      // 32 hex digits and the digits in order are not told from a real token.
      'd41d8cd98f00b204e9800998ecf8427e',
    ])
    for (const type of idTypes.filter((type) => type.form !== 'md5')) {
      if (fitsToken.has(text) && type.form === 'opaque') continue
      expect(keyOf(type.name, text, '1')).toMatch(/^[a-z-]+$/)
    }
  })

  test.each([
    ['oaid', '', 'empty'],
    ['oaid', ' \t\r\n', 'empty'],
    ['oaid', '--', 'empty'],
    ['openid', '', 'empty'],
    ['oaid_md5', '', 'empty'],
    ['oaid_md5', '00000000000000000000000000000000', 'zeros'],
    ['oaid_md5', 'ffffffffffffffffffffffffffffffff', 'zeros'],
    ['oaid_md5', 'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', 'zeros'],
    ['oaid_md5', '0', 'zeros'],
    ['oaid_md5', '00000000-0000-0000-0000-000000000000', 'zeros'],
    ['oaid_md5', '__OAID_MD5__', 'macro'],
    ['oaid_md5', '{0123456789012345678901234567890}', 'macro'],
    ['oaid_md5', 'd41d8cd98f00b204e9800998ecf8427', 'wrong-length'],
    ['oaid_md5', 'd41d8cd98f00b204e9800998ecf8427eee', 'wrong-length'],
    ['oaid_md5', 'g41d8cd98f00b204e9800998ecf8427e', 'not-hex'],
    ['oaid_md5', 'd41d8cd98f00b204e9800998ecf8427\u00e9'.slice(0, 31), 'wrong-length'],
    ['idfa', '00000000-0000-0000-0000-000000000000', 'zeros'],
    ['idfa', `${mixed}0`, 'wrong-length'],
    ['idfa', mixed.replace('-', '0'), 'bad-character'],
    ['idfa', mixed.replace('A', 'g'), 'bad-character'],
    ['imei', '1234567890123', 'wrong-length'],
    ['imei', '12345678901234567', 'wrong-length'],
    ['imei', '86073604123456x', 'bad-character'],
    ['imei', '004999010640000', 'placeholder'],
    ['android_id', '9774d56d682e549c', 'placeholder'],
    ['mac', '02:00:00:00:00:00', 'placeholder'],
    ['mac', '00:00:00:00:00:00', 'zeros'],
    ['mac', 'A4:50:46-7C:9E:1F', 'bad-character'],
    ['mac', 'A4504:67C:9E:1F', 'bad-character'],
    ['oaid', 'undefined', 'placeholder'],
    ['oaid', 'unknown', 'wrong-length'],
    ['oaid', 'two words here', 'bad-character'],
    ['oaid', 'x'.repeat(8) + 'y'.repeat(112), 'too-long'],
    ['oaid', '%7Boaid%7D', 'macro'],
    ['openid', 'undefined', 'placeholder'],
    ['openid', '$openid$', 'macro'],
    ['openid', '__WECHAT_OPEN_ID__', 'macro'],
    ['openid', 'a b', 'bad-character'],
    ['openid', `a${'b'.repeat(idBytesMax)}`, 'too-long'],
    ['user', '0', 'zeros'],
  ])('%s "%s" is %s', (type, text, doubt) => expect(keyOf(type, text, '1')).toBe(doubt))

  test.each([
    ['imei', '86073604123456'],
    ['imei', '8607360412345678'],
    ['imei', 'a100000b2c3d4e'],
    ['oaid', '5fbd7bfe-ffe6-4cf8-bb2f-0f6dffa5c1d3'],
    ['oaid', 'b7e1c5a2d4f60389'],
    ['oaid', '5D6A8B1C'.repeat(8)],
    ['android_id', '1a2b3c4d5e6f708'],
    ['user', '7'],
    ['user', 'aaa'],
    ['user', '007'],
    ['user', '李雷'],
  ])('%s "%s" is real', (type, text) => expect(keyOf(type, text, '1')).toMatch(/^[0-9a-f]{16}$/))

  test('an id after a doubtful one is not coloured by it', () => {
    const key = keyOf('oaid', mixed)
    keyOf('oaid', 'z'.repeat(100))
    keyOf('oaid_md5', 'not a md5 at all, not at all ....')
    expect(keyOf('oaid', mixed)).toBe(key)
  })
})

describe('the columns of a request', () => {
  const digest = md5('860736041234567')

  test('add and addText give one key and find it again', () => {
    const devices = new DeviceKeys()
    const bytes = Buffer.from(`xx${digest}yy`)
    expect(hasher.add(devices, IdType.ImeiMd5, bytes, 2, 34)).toBe(0)
    expect(hasher.addText(devices, IdType.OaidMd5, digest)).toBe(1)
    expect(hasher.addText(devices, IdType.Imei, '860736041234567')).toBe(0)
    expect(devices.count).toBe(2)
    expect(devices.hex(0)).toBe(keyOf('imei_md5', digest))
    expect(devices.doubtful).toBe(0)
  })

  test('a doubtful id is counted and has no index', () => {
    const devices = new DeviceKeys()
    expect(hasher.addText(devices, IdType.ImeiMd5, md5(''))).toBe(-1)
    expect(hasher.add(devices, IdType.Oaid, Buffer.from('__OAID__'), 0, 8)).toBe(-1)
    expect(hasher.addText(devices, IdType.Openid, 'x'.repeat(5_000), 'wx1')).toBe(-1)
    expect(devices).toMatchObject({ count: 0, doubtful: 3 })
  })

  test('what does not fit is counted and has no index, what is there is still found', () => {
    const devices = new DeviceKeys()
    for (let i = 0; i < 16; i++) hasher.addText(devices, IdType.ImeiMd5, md5(`id ${i}`))
    expect(hasher.addText(devices, IdType.ImeiMd5, digest)).toBe(-1)
    expect(devices).toMatchObject({ count: 16, overflow: 1, doubtful: 0 })
    expect(hasher.addText(devices, IdType.ImeiMd5, md5('id 15'))).toBe(15)
  })

  test('add refuses a type that cannot do without a scope', () => {
    const add = (): number =>
      hasher.add(new DeviceKeys(), IdType.CaidMd5, Buffer.from(digest), 0, 32)
    expect(add).toThrow('addText')
  })
})

describe('the salt', () => {
  test('has a fingerprint that is stable, differs by salt, and does not contain it', () => {
    expect(hasher.fingerprint()).toBe('6c3f48fbe89880ba')
    expect(new DeviceHasher(salt).fingerprint()).toBe(hasher.fingerprint())
    const other = new DeviceHasher(salt.map((byte, i) => (i === 15 ? byte ^ 128 : byte)))
    expect(other.fingerprint()).not.toBe(hasher.fingerprint())
    expect(hasher.fingerprint()).toMatch(/^[0-9a-f]{16}$/)
    expect(Buffer.from(salt).toString('hex')).not.toContain(hasher.fingerprint().slice(0, 4))
  })

  test('has 16 bytes', () => {
    expect(() => new DeviceHasher(new Uint8Array(32))).toThrow(RangeError)
  })
})

/**
 * The key format is for ever: these keys are in stores. Change them only with a migration.
 * Computed by an independent implementation (Python: hashlib and integer arithmetic).
 */
test.each([
  ['imei', '860736041234567', '', '3332beef3c78e216'],
  ['idfa_md5', md5('AB3DEF71-90AB-4CDE-8F01-23456789ABCD'), '', 'ef9cf5fe5929d693'],
  ['caid', 'b4f2c8d6e0a13579bdf02468ace13579', '20230330', '239d26e69d29cd8d'],
  ['openid', 'oX3dB5zKp-Qr7sTuVwXyZ0123456', 'wx0123456789abcdef', '659791218a1f6106'],
])('the key of %s %s %s is pinned', (type, text, scope, key) => {
  expect(keyOf(type, text, scope)).toBe(key)
})
