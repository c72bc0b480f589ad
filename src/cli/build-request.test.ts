import { expect, test } from 'vitest'
import { loadProtoType } from '../media/proto-root.ts'
import { buildRequest } from './build-request.ts'
import { md5Hex, type RequestOptions } from './request-options.ts'

const types = {
  tencent: loadProtoType('tencent.proto', 'tencent.ad.rta.RtaRequest'),
  oceanengine: loadProtoType('oceanengine.proto', 'sluice.oceanengine.Req'),
  sluice: loadProtoType('sluice.proto', 'sluice.v1.RtaRequest'),
}

function again(medium: keyof typeof types, options: RequestOptions): unknown {
  const type = types[medium]
  const { body } = buildRequest(medium, options)
  return type.toObject(type.decode(body), { longs: String, enums: String })
}

test('Tencent gets every id as the md5 of its family, and the cache key is named', () => {
  const message = again('tencent', {
    requestId: 'r1',
    oaid: 'AbC',
    imei: '35ABCD',
    idfa: 'a1b2',
    androidId: 'Ff00',
    os: 'android',
    experiment: ['17'],
  })
  expect(message).toEqual({
    id: 'r1',
    device: {
      os: 'OS_ANDROID',
      idfa_md5sum: md5Hex('A1B2'),
      imei_md5sum: md5Hex('35abcd'),
      android_id_md5sum: md5Hex('Ff00'),
      oaid_md5sum: md5Hex('AbC'),
      cached_deviceid_type: 'OAID_MD5',
    },
    exps: [{ exp_id: 17 }],
  })
})

test('Tencent gets several CAID versions, and iOS by itself', () => {
  const message = again('tencent', { caid: ['20230330:aaa', '20250325:bbb'] })
  expect(message).toMatchObject({
    device: {
      os: 'OS_IOS',
      cached_deviceid_type: 'QAID',
      qaid_infos: [
        { version: 20230330, qaid: 'aaa', origin_version: '20230330' },
        { version: 20250325, qaid: 'bbb', origin_version: '20250325' },
      ],
    },
  })
})

test('Ocean Engine gets raw oaid, md5 imei, and the strategies asked about in 64 bits', () => {
  const message = again('oceanengine', {
    oaid: 'raw-oaid',
    imei: '35AB',
    rtaId: ['9007199254740993', '2'],
  })
  expect(message).toMatchObject({
    platform: 'PLATFORM_ANDROID',
    did: 'raw-oaid',
    did_type: 'OAID',
    rta_ids: ['9007199254740993', '2'],
    device: { oaid: 'raw-oaid', imei_md5: md5Hex('35ab') },
  })
})

test('the own wire keeps ids in the form given, with their scopes', () => {
  const message = again('sluice', {
    oaidMd5: md5Hex('x'),
    caid: ['20230330:abc'],
    openid: 'wx1:o-1',
    rtaId: ['t1'],
    os: 'ios',
  })
  expect(message).toMatchObject({
    os: 'OS_IOS',
    ids: [
      { type: 'OAID_MD5', value: md5Hex('x') },
      { type: 'CAID', value: 'abc', scope: '20230330' },
      { type: 'OPENID', value: 'o-1', scope: 'wx1' },
    ],
    target_ids: ['t1'],
  })
})

test('wrong options are refused with a sentence', () => {
  expect(() => buildRequest('tencent', { caid: ['20230330'] })).toThrow(/two words with a colon/)
  expect(() => buildRequest('tencent', { os: 'beos' })).toThrow(/no --os "beos"/)
  expect(() => buildRequest('oceanengine', { oaid: 'x' })).toThrow(/--rta-id/)
  expect(() => buildRequest('nobody', {})).toThrow(/known: tencent, oceanengine, sluice/)
})
