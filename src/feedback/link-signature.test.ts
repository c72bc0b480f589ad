import { createHmac, hkdfSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { type LinkName, LinkSignatures } from './link-signature.ts'
import { firstKey, salt, secondKey } from './test-tokens.ts'
import { saltSecret } from './token-keys.ts'

const name: LinkName = {
  medium: 'tencent',
  kind: 'click',
  advertiserId: 'acme',
  campaignId: 'spring',
  creativeId: 'banner',
  strategyId: '',
}

const signatures = new LinkSignatures([firstKey], salt)

test('a signature is 18 characters that need no escaping, always the same', () => {
  const signature = signatures.sign(name)
  expect(signature).toMatch(/^07[A-Za-z0-9_-]{16}$/)
  expect(new LinkSignatures([firstKey], salt).sign(name)).toBe(signature)
  expect(signatures.verify(name, signature)).toBe(true)
})

test('is what docs/media/monitoring-links.md says', () => {
  const label = 'sluice link 1 sign from token key for acme'
  const key = Buffer.from(hkdfSync('sha256', firstKey.bytes, '', label, 64))
  const tag = createHmac('sha512', key).update('tencent/click/acme/spring/banner/').digest()
  expect(signatures.sign(name)).toBe(`07${tag.toString('base64url', 0, 12)}`)
})

test.each<[string, Partial<LinkName>]>([
  ['medium', { medium: 'baidu' }],
  ['kind', { kind: 'imp' }],
  ['advertiser', { advertiserId: 'acme2' }],
  ['campaign', { campaignId: 'summer' }],
  ['creative', { creativeId: '' }],
  ['strategy', { strategyId: 'x' }],
  ['campaign and creative, shifted', { campaignId: 'springbanner', creativeId: '' }],
])('another %s is another link', (_part, other) => {
  expect(signatures.verify({ ...name, ...other }, signatures.sign(name))).toBe(false)
})

test('a changed, cut, longer or made-up signature is refused, without a throw', () => {
  const signature = signatures.sign(name)
  for (let i = 0; i < signature.length; i++) {
    const other = signature[i] === 'a' ? 'b' : 'a'
    expect(signatures.verify(name, signature.slice(0, i) + other + signature.slice(i + 1))).toBe(
      false,
    )
  }
  for (const text of ['', '07', signature.slice(1), `${signature}A`, `${signature}=`, '07你好']) {
    expect(signatures.verify(name, text)).toBe(false)
  }
})

test('while keys rotate links of both count; a key that left takes its links with it', () => {
  const old = signatures.sign(name)
  const both = new LinkSignatures([secondKey, firstKey], salt)
  expect(both.sign(name).startsWith('08')).toBe(true)
  expect(both.verify(name, old)).toBe(true)
  expect(new LinkSignatures([secondKey], salt).verify(name, old)).toBe(false)
})

test('another secret under the same id, and another salt, sign otherwise', () => {
  const same = { id: firstKey.id, bytes: secondKey.bytes }
  expect(new LinkSignatures([same], salt).verify(name, signatures.sign(name))).toBe(false)
  const salted = new LinkSignatures([saltSecret], salt).sign(name)
  const otherSalt = new LinkSignatures([saltSecret], new Uint8Array(16))
  expect(otherSalt.verify(name, salted)).toBe(false)
})

test('what no id is made of is refused', () => {
  const signature = signatures.sign(name)
  for (const campaignId of ['spring/banner', 'spr\u0169ng', 'x'.repeat(500)]) {
    expect(signatures.verify({ ...name, campaignId }, signature)).toBe(false)
    expect(() => signatures.sign({ ...name, campaignId })).toThrow(RangeError)
  }
})

test('without a key there are no links', () => {
  expect(() => new LinkSignatures([], salt)).toThrow(RangeError)
})

test('keys of made-up advertisers are forgotten, and made again', () => {
  const signature = signatures.sign(name)
  for (let i = 0; i < 5_000; i++) {
    expect(signatures.verify({ ...name, advertiserId: `a${i}` }, signature)).toBe(false)
  }
  expect(signatures.verify(name, signature)).toBe(true)
})
