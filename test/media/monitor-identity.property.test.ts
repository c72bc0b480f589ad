/**
 * A device that an RTA request and a monitoring link name is one device: the request goes through
 * the medium's own adapter, the link through its reader, the raw id through the hasher as a pack's.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildRequest } from '../../src/cli/build-request.ts'
import type { RequestOptions } from '../../src/cli/request-options.ts'
import { AdRequest } from '../../src/domain/ad-request.ts'
import { DeviceKeys } from '../../src/domain/device-keys.ts'
import { createMonitorReader } from '../../src/media/monitor-reader.ts'
import { builtInMedia, builtInMonitors } from '../../src/media/registry.ts'
import { type GoldenId, goldenHasher, keysOf, keysOfIds } from '../golden/canonical.ts'

const context = {
  ...{ hasher: goldenHasher, cacheAcceptSeconds: 0, cacheRefuseSeconds: 0, cacheFailureSeconds: 0 },
}

/** Keys without their type: the forms of one id differ in nothing else. */
function bare(words: readonly string[]): string[] {
  return words.map((word) => word.slice(word.indexOf(':') + 1)).sort()
}

function keysOfRequest(medium: string, options: RequestOptions): string[] {
  const { body } = buildRequest(medium, { ...options, rtaId: ['1'] })
  const request = new AdRequest()
  builtInMedia[medium]!.create(context).decode({ body, headers: [], query: '' }, request)
  return bare(keysOf(request.devices))
}

function keysOfLink(medium: string, params: Readonly<Record<string, string>>): string[] {
  const description = builtInMonitors.find(({ name }) => name === medium)!
  const devices = new DeviceKeys()
  createMonitorReader(description, goldenHasher).read(
    ...(['click', new Map(Object.entries(params)), 0, devices] as const),
  )
  return bare(keysOf(devices))
}

function keysOfPack(...ids: GoldenId[]): string[] {
  return bare(keysOfIds(ids))
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...Array.from('0123456789abcdefABCDEF')), {
      minLength: length,
      maxLength: length,
    })
    .map((digits) => digits.join(''))
    .filter((text) => new Set(text.toLowerCase()).size > 4)
const oaid = fc.oneof(fc.uuid(), hex(16), hex(64))
const imei = fc.oneof(
  hex(14),
  fc
    .bigInt({ min: 10n ** 14n, max: 10n ** 15n - 1n })
    .map(String)
    .filter((text) => new Set(text).size > 4 && text !== '123456789012345'),
)
const mixedUuid = fc.uuid().chain((uuid) => fc.constantFrom(uuid, uuid.toUpperCase()))
const upperOrLower = fc.constantFrom(
  (text: string) => text.toUpperCase(),
  (text: string) => text.toLowerCase(),
)

describe('one device', () => {
  test('by its oaid: hashed in Tencent, raw elsewhere', () => {
    fc.assert(
      fc.property(oaid, upperOrLower, (id, inCase) => {
        const key = keysOfPack({ type: 'oaid', id })
        expect(key).toHaveLength(1)
        expect(keysOfRequest('tencent', { oaid: id })).toEqual(key)
        expect(keysOfRequest('oceanengine', { oaid: id })).toEqual(key)
        expect(keysOfLink('tencent', { om: inCase(md5(id)) })).toEqual(key)
        for (const medium of ['oceanengine', 'kuaishou', 'baidu', 'bilibili', 'weibo', 'zhihu']) {
          expect(keysOfLink(medium, { oa: id })).toEqual(key)
        }
        for (const medium of ['oceanengine', 'kuaishou', 'baidu', 'xiaohongshu']) {
          expect(keysOfLink(medium, { oa: id, om: md5(id) })).toEqual(key)
        }
        expect(keysOfLink('vivo', { oa: md5(id) })).toEqual(key)
      }),
    )
  })

  test('by its imei: lowered before md5, digests in either case', () => {
    fc.assert(
      fc.property(imei, upperOrLower, (id, inCase) => {
        const key = keysOfPack({ type: 'imei', id: inCase(id) })
        expect(keysOfRequest('tencent', { imei: id })).toEqual(key)
        const digest = md5(id.toLowerCase())
        expect(keysOfLink('tencent', { os: 'android', mu: digest })).toEqual(key)
        expect(keysOfLink('weibo', { im: digest.toUpperCase() })).toEqual(key)
        for (const medium of ['oceanengine', 'kuaishou', 'baidu', 'bilibili', 'zhihu', 'oppo']) {
          expect(keysOfLink(medium, { im: inCase(digest) })).toEqual(key)
        }
        for (const medium of ['baidu', 'oppo']) expect(keysOfLink(medium, { im: id })).toEqual(key)
      }),
    )
  })

  test('by its idfa: raised before md5', () => {
    fc.assert(
      fc.property(mixedUuid, (id) => {
        const key = keysOfPack({ type: 'idfa', id })
        const digest = md5(id.toUpperCase())
        expect(keysOfRequest('tencent', { idfa: id })).toEqual(key)
        expect(keysOfRequest('oceanengine', { idfa: id })).toEqual(key)
        expect(keysOfLink('tencent', { os: 'ios', mu: digest })).toEqual(key)
        expect(keysOfLink('tencent', { mu: digest })).toEqual(expect.arrayContaining(key))
        expect(keysOfLink('weibo', { ix: digest.toUpperCase() })).toEqual(key)
        for (const medium of ['oceanengine', 'baidu', 'bilibili']) {
          expect(keysOfLink(medium, { ia: id })).toEqual(key)
        }
        for (const medium of ['oceanengine', 'kuaishou', 'zhihu']) {
          expect(keysOfLink(medium, { ix: digest })).toEqual(key)
        }
      }),
    )
  })

  test('by its CAID of one version, in every form', () => {
    const version = fc.constantFrom('20220111', '20230330', '20250325')
    fc.assert(
      fc.property(version, hex(32), (scope, id) => {
        const key = keysOfPack({ type: 'caid', id, scope })
        expect(keysOfRequest('tencent', { caid: [`${scope}:${id}`] })).toEqual(key)
        expect(keysOfRequest('oceanengine', { caid: [`${scope}:${id}`] })).toEqual(key)
        const list = JSON.stringify([{ caid: id, version: scope }])
        for (const medium of ['tencent', 'oceanengine', 'kuaishou', 'baidu']) {
          expect(keysOfLink(medium, { ca: list })).toEqual(key)
        }
        for (const medium of ['bilibili', 'weibo']) {
          expect(keysOfLink(medium, { ca: `${scope}_${id}` })).toEqual(key)
        }
        const digests = JSON.stringify([{ caid_md5: md5(id), version: scope }])
        expect(keysOfLink('oceanengine', { cx: digests })).toEqual(key)
      }),
    )
  })
})
