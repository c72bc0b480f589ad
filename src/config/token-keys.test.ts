import { describe, expect, test } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'
import { parsePublicUrl, parseTokenKeys } from './token-keys.ts'

const hex32 = 'ab'.repeat(32)

describe('token keys', () => {
  test('are read in order, the derived one by its name', () => {
    expect(parseTokenKeys(`2:${hex32}, 1:${'CD'.repeat(16)},salt`)).toEqual([
      { id: 2, bytes: new Uint8Array(32).fill(0xab) },
      { id: 1, bytes: new Uint8Array(16).fill(0xcd) },
      { id: 0, bytes: null },
    ])
  })

  test.each([
    ['nothing', ','],
    ['a short key', `1:${'ab'.repeat(15)}`],
    ['half a byte', `1:${hex32}a`],
    ['a long key', `1:${'ab'.repeat(65)}`],
    ['no hex', `1:${'zz'.repeat(32)}`],
    ['no id', hex32],
    ['an id of its own for the derived key', `0:${hex32}`],
    ['an id beyond a byte', `256:${hex32}`],
    ['equal ids', `1:${hex32},1:${'cd'.repeat(32)}`],
    ['equal ids in two spellings', `1:${hex32},01:${'cd'.repeat(32)}`],
    ['the derived key twice', 'salt,salt'],
    ['nine keys', Array.from({ length: 9 }, (_, i) => `${i + 1}:${hex32}`).join()],
  ])('%s: refused', (_about, text) => expect(parseTokenKeys(text)).toBeNull())

  test('in a complaint are hidden', () => {
    const secret = '5ec2e7'.repeat(5)
    const load = () => loadConfig({ SLUICE_TOKEN_KEYS: `1:${secret}` })
    expect(load).toThrow(ConfigError)
    expect(load).toThrow(/SLUICE_TOKEN_KEYS.*\(hidden\)/)
    expect(load).not.toThrow(new RegExp(secret))
  })
})

describe('the public address', () => {
  test.each([
    ['https://ads.example.com', 'https://ads.example.com'],
    ['https://ads.example.com/', 'https://ads.example.com'],
    ['HTTPS://Ads.Example.com:8443/dsp//', 'https://ads.example.com:8443/dsp'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://[2001:db8::1]/x', 'https://[2001:db8::1]/x'],
  ])('%s is taken as %s', (text, expected) => expect(parsePublicUrl(text)).toBe(expected))

  test.each([
    'ads.example.com',
    'ftp://ads.example.com',
    'https://',
    'https://user:secret@ads.example.com',
    'https://ads.example.com/?a=1',
    'https://ads.example.com/#x',
    'https://ads.example.com/a b',
    'https://ads.example.com/"x',
    'https://ads.example.com:99999',
    `https://ads.example.com/${'x'.repeat(100)}`,
  ])('%s is refused', (text) => {
    expect(parsePublicUrl(text)).toBeNull()
    expect(() => loadConfig({ SLUICE_PUBLIC_URL: text })).toThrow(/SLUICE_PUBLIC_URL/)
  })
})

test('nothing set: the key is derived and links lead to this machine', () => {
  expect(loadConfig({})).toMatchObject({
    publicUrl: 'https://localhost:8080',
    tokenKeys: null,
    recordFileBytesMax: 256 * 1024 * 1024,
    recordFilesMax: 7,
  })
})
