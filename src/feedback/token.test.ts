import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import {
  deviceKeys,
  firstKey,
  issuedAtMs,
  newTokens,
  salt,
  secondKey,
  signUsual,
  usualFields,
} from './test-tokens.ts'
import { TokenKind, Tokens, tokenOf } from './token.ts'
import { tokenCharsMax } from './token-body.ts'
import { saltSecret, tokenKeys } from './token-keys.ts'
import { TokenRefusal, tokenRefusalNames } from './token-refusal.ts'

const kinds = Object.values(TokenKind)
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * Fixed key, clock and fields: a change here is a change of the format and needs a new version.
 * Made from docs/tokens.md alone by another program: Python's hmac and hashlib, and openssl enc.
 */
const golden = {
  stem: 'AQcBogCNdAABI0VniavN7wABqwfYh7dms-Hp8CpUKDTotlQvKCAemQ4yCvu4BHXjQ6Pb2Abs5icp8Aue6znl17m_74D0SYGgWKS8NUCUDI0bwGJ_',
  tags: [
    'VwypPdZs-8sWzSCs',
    'YRaMIMdNEguKiQo7',
    'g8ZY753xac9a_Ulv',
    'yGC1Bt0zWAYVN32n',
    'h9ySP9roCs55k9UD',
  ],
}

describe('what is signed', () => {
  test('is exactly the text of the golden vector', () => {
    const { tokens } = newTokens()
    const signed = signUsual(tokens)
    expect(signed.stem).toBe(golden.stem)
    expect(kinds.map((kind) => tokenOf(signed, kind))).toEqual(
      golden.tags.map((tag) => golden.stem + tag),
    )
  })

  test('comes back whole for its own kind', () => {
    const { tokens } = newTokens()
    const text = tokenOf(signUsual(tokens), TokenKind.Bill)
    const reading = tokens.verify(text, TokenKind.Bill)
    expect(reading).toEqual({
      ok: true,
      token: {
        ...usualFields,
        ctr: expect.closeTo(usualFields.ctr, 5),
        cvr: expect.closeTo(usualFields.cvr, 6),
        devices: [{ type: 11, high: 1, low: 0x8000_0000 }],
      },
    })
  })

  test('shows nobody the device keys, the price or the campaign', () => {
    const { tokens } = newTokens()
    const bytes = Buffer.from(signUsual(tokens).stem, 'base64url')
    // Only version, key id, decision id, bid number and time are in the clear.
    expect(bytes.subarray(0, 18).toString('hex')).toBe('010701a2008d74000123456789abcdef0001')
    for (const secret of [
      '0000000180000000',
      usualFields.campaign.toString(16).padStart(12, '0'),
    ]) {
      expect(bytes.includes(Buffer.from(secret, 'hex'))).toBe(false)
    }
  })

  test('never shares a keystream between two bids of one decision', () => {
    const { tokens } = newTokens()
    const bodyOf = (bidNumber: number): Buffer =>
      Buffer.from(signUsual(tokens, { bidNumber }).stem, 'base64url').subarray(18)
    const equal = [...bodyOf(1)].filter((byte, i) => byte === bodyOf(257)[i]).length
    expect(equal).toBeLessThan(8)
  })
})

describe('a token that was touched', () => {
  test('is refused whichever character is changed, and to whatever', () => {
    const { tokens } = newTokens()
    const text = tokenOf(signUsual(tokens), TokenKind.Click)
    for (let at = 0; at < text.length; at++) {
      for (const character of [...alphabet.split(''), '.', '=', ' ', '\u00e9', '\0']) {
        if (character === text[at]) continue
        const touched = text.slice(0, at) + character + text.slice(at + 1)
        expect(tokens.verify(touched, TokenKind.Click).ok).toBe(false)
      }
    }
  })

  test('is refused when cut anywhere, and when anything is added', () => {
    const { tokens } = newTokens()
    const text = tokenOf(signUsual(tokens), TokenKind.Click)
    for (let length = 0; length < text.length; length++) {
      expect(tokens.verify(text.slice(0, length), TokenKind.Click).ok).toBe(false)
      expect(tokens.verify(text.slice(length + 1), TokenKind.Click).ok).toBe(false)
    }
    for (const more of ['A', '=', 'AAAA']) {
      expect(tokens.verify(text + more, TokenKind.Click).ok).toBe(false)
      expect(tokens.verify(more + text, TokenKind.Click).ok).toBe(false)
    }
  })

  test('is refused with the number of its fault', () => {
    const { tokens } = newTokens()
    const text = tokenOf(signUsual(tokens), TokenKind.Win)
    const refusalOf = (given: string) => tokens.verify(given, TokenKind.Win)
    const no = (refusal: number) => ({ ok: false, refusal })
    expect(refusalOf('')).toEqual(no(TokenRefusal.Malformed))
    expect(refusalOf('A'.repeat(tokenCharsMax + 1))).toEqual(no(TokenRefusal.Malformed))
    expect(refusalOf(`${text.slice(0, -1)}+`)).toEqual(no(TokenRefusal.Malformed))
    expect(refusalOf(`Ag${text.slice(2)}`)).toEqual(no(TokenRefusal.UnknownVersion))
    expect(refusalOf(`AQAB${text.slice(4)}`)).toEqual(no(TokenRefusal.ForeignKey))
    expect(refusalOf(`${text.slice(0, 30)}_${text.slice(31)}`)).toEqual(no(TokenRefusal.Forged))
  })
})

test('a token of one kind is of no use as another, and is told from a forged one', () => {
  const { tokens } = newTokens()
  const signed = signUsual(tokens)
  for (const made of kinds) {
    for (const used of kinds) {
      const reading = tokens.verify(tokenOf(signed, made), used)
      if (made === used) expect(reading.ok).toBe(true)
      else expect(reading).toEqual({ ok: false, refusal: TokenRefusal.WrongKind })
    }
  }
})

test('the tags of one kind do not help to make those of another', () => {
  const { tokens } = newTokens()
  const { stem, tags } = signUsual(tokens)
  const parts = kinds.map((kind) => tags.slice(kind * 16, kind * 16 + 16))
  expect(new Set(parts).size).toBe(kinds.length)
  expect(tags).toHaveLength(kinds.length * 16)
  // A tag fits its own stem alone.
  const other = signUsual(tokens, { bidNumber: 2 })
  expect(tokens.verify(other.stem + tags.slice(0, 16), TokenKind.Win)).toEqual({
    ok: false,
    refusal: TokenRefusal.Forged,
  })
  expect(other.stem).not.toBe(stem)
})

describe('the life of a token', () => {
  test('ends at its last millisecond exactly', () => {
    const { tokens, clock } = newTokens()
    const text = tokenOf(signUsual(tokens, { lifeMinutes: 10 }), TokenKind.Win)
    clock.jumpWall(issuedAtMs + 599_999)
    expect(tokens.verify(text, TokenKind.Win).ok).toBe(true)
    clock.jumpWall(issuedAtMs + 600_000)
    expect(tokens.verify(text, TokenKind.Win)).toEqual({
      ok: false,
      refusal: TokenRefusal.Expired,
    })
  })

  test('may begin a little later than our clock says: machines differ', () => {
    const { tokens, clock } = newTokens()
    const text = tokenOf(signUsual(tokens), TokenKind.Win)
    clock.jumpWall(issuedAtMs - 5_000)
    expect(tokens.verify(text, TokenKind.Win).ok).toBe(true)
  })
})

describe('keys', () => {
  const at = (
    secrets: readonly { id: number; bytes: Uint8Array | null }[],
    ownSalt = salt,
  ): Tokens => new Tokens(tokenKeys(secrets, ownSalt), new ManualClock(issuedAtMs))

  test('rotate without a lost notice: old and new are taken while both are known', () => {
    const before = tokenOf(signUsual(at([firstKey])), TokenKind.Bill)
    const during = tokenOf(signUsual(at([secondKey, firstKey])), TokenKind.Bill)
    const notYet = at([firstKey, secondKey])
    expect(notYet.verify(before, TokenKind.Bill).ok).toBe(true)
    expect(notYet.verify(during, TokenKind.Bill).ok).toBe(true)
    const after = at([secondKey])
    expect(after.verify(during, TokenKind.Bill).ok).toBe(true)
    expect(after.verify(before, TokenKind.Bill)).toEqual({
      ok: false,
      refusal: TokenRefusal.ForeignKey,
    })
  })

  test('of one id but other bytes are forgeries of each other', () => {
    const text = tokenOf(signUsual(at([firstKey])), TokenKind.Bill)
    expect(at([{ id: firstKey.id, bytes: secondKey.bytes }]).verify(text, TokenKind.Bill)).toEqual({
      ok: false,
      refusal: TokenRefusal.Forged,
    })
  })

  test('come from the device salt when none is configured, and differ by salt', () => {
    const text = tokenOf(signUsual(at([saltSecret])), TokenKind.Bill)
    expect(at([firstKey, saltSecret]).verify(text, TokenKind.Bill).ok).toBe(true)
    expect(at([saltSecret], new Uint8Array(16)).verify(text, TokenKind.Bill)).toEqual({
      ok: false,
      refusal: TokenRefusal.Forged,
    })
    // Configured bytes that equal the salt do not make the same key.
    const configured = at([{ id: 0, bytes: salt }])
    expect(configured.verify(text, TokenKind.Bill).ok).toBe(false)
  })

  test('there must be one', () => {
    expect(() => tokenKeys([], salt)).toThrow(RangeError)
  })
})

describe('device keys', () => {
  const readKeys = (devices: ReturnType<typeof deviceKeys>, changed = {}) => {
    const { tokens } = newTokens()
    const signed = tokens.sign({ ...usualFields, ...changed }, devices)
    const reading = tokens.verify(tokenOf(signed, TokenKind.Win), TokenKind.Win)
    return { tokens, signed, highs: reading.ok ? reading.token.devices.map((one) => one.high) : [] }
  }

  test('the one that the medium caches by comes first, the others as the request had them', () => {
    const devices = deviceKeys(4)
    devices.cachedBy = 2
    expect(readKeys(devices).highs).toEqual([3, 1, 2, 4])
  })

  test('of a usual bid seven fit, and what does not fit is counted', () => {
    const { tokens, signed, highs } = readKeys(deviceKeys(16))
    expect(highs).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(tokens.devicesLeftOut).toBe(9)
    expect(tokenOf(signed, TokenKind.Win).length).toBeLessThanOrEqual(tokenCharsMax)
  })

  test('none is a token too', () => {
    expect(readKeys(deviceKeys(0)).highs).toEqual([])
  })
})

test('arms beyond seven are left out and counted', () => {
  const { tokens } = newTokens()
  const arms = Array.from({ length: 9 }, (_, i) => (i + 1) as (typeof usualFields.arms)[number])
  const text = tokenOf(signUsual(tokens, { arms }), TokenKind.Win)
  const reading = tokens.verify(text, TokenKind.Win)
  expect(reading.ok && reading.token.arms).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(tokens.armsLeftOut).toBe(2)
})

test('tags are compared in constant time, in one place', () => {
  const source = readFileSync(join(import.meta.dirname, 'token.ts'), 'utf8')
  expect(source.match(/timingSafeEqual\(/g)).toHaveLength(1)
  expect(source).not.toMatch(/\.(?:equals|compare)\(/)
})

test('docs/tokens.md lists every refusal under its number', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/tokens.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (\d) \| `([a-z-]+)` \|/gm)].map(
    ([, n, name]) => `${n} ${name}`,
  )
  expect(rows).toEqual([...tokenRefusalNames].map(([code, name]) => `${code} ${name}`))
})
