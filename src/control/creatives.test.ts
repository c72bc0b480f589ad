/** `/api/v1/creatives`: what is told from the rest, and what is refused or warned of by path. */
import { beforeEach, describe, expect, test } from 'vitest'
import { bannerBody, campaignBody, pathsOf, putCampaign } from '../../test/support/bid-inputs.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { parseCreative } from '../catalog/bid-entities.ts'

const url = '/api/v1/creatives'
const base = { campaignId: 'spring', clickUrl: 'https://shop.example/' }
const file = { url: 'https://cdn.example/a.mp4', w: 640, h: 360, bitrateKbps: 800 }
const sound = { url: 'https://cdn.example/a.mp3', bitrateKbps: 128 }
const image = { type: 3, url: 'https://cdn.example/a.webp', w: 1_200, h: 627 }

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
  await putCampaign(harness)
})

function put(body: object, id = 'c') {
  return harness.call('PUT', `${url}/${id}`, { body })
}

describe('what is left out', () => {
  test.each<[string, object, object]>([
    [
      'an image',
      { banner: { w: 300, h: 250, imageUrl: 'https://cdn.example/A.JPG?v=1' } },
      { format: 'banner', banner: { html: '', mime: 'image/jpeg', type: 2, expands: [] } },
    ],
    [
      'HTML',
      { banner: { w: 300, h: 250, html: '<a href="{{CLICK_URL}}">x</a>' } },
      { format: 'banner', banner: { mime: 'text/html', type: 2, imageUrl: '' } },
    ],
    [
      'HTML with a script',
      { banner: { w: 1, h: 1, html: '<script>let a = "{{CLICK_URL_JS}}"</script>' } },
      { banner: { type: 3 } },
    ],
    [
      'HTML with an iframe',
      { banner: { w: 1, h: 1, html: '<iframe src="https://x.example/?c={{CLICK_URL_ENC}}">' } },
      { banner: { type: 4 } },
    ],
    [
      'a video',
      { video: { durationSec: 15, isSkippable: true, files: [file] } },
      {
        format: 'video',
        banner: null,
        video: {
          skipAfterSec: 5,
          linearity: 1,
          tagUrl: '',
          files: [{ ...file, mime: 'video/mp4', delivery: 2 }],
        },
      },
    ],
    [
      'a stream',
      { video: { durationSec: 6, files: [{ ...file, url: 'https://cdn.example/a.m3u8' }] } },
      { video: { skipAfterSec: 0, files: [{ mime: 'application/x-mpegurl', delivery: 1 }] } },
    ],
    [
      'an audio ad',
      { audio: { durationSec: 30, files: [sound] } },
      { format: 'audio', audio: { files: [{ ...sound, mime: 'audio/mpeg', w: 0, h: 0 }] } },
    ],
    [
      'a native ad',
      { native: { titles: ['A'], images: [image] } },
      { format: 'native', native: { images: [{ ...image, mime: 'image/webp' }], video: null } },
    ],
  ])('of %s is told from the rest, and the compiler reads it', async (_name, part, stored) => {
    const answer = await put({ ...base, ...part })
    expect(answer.text).not.toContain('SLUICE_')
    expect(answer.body['creative']).toMatchObject({ language: '', attributes: [], ...stored })
    const { entities } = await harness.catalog.load(['creative'])
    expect(parseCreative(entities[0]!.json, 'c')).toEqual(answer.body['creative'])
    const again = await put(answer.body['creative'] as object)
    expect(again.body['creative']).toEqual(answer.body['creative'])
  })
})

const { banner } = bannerBody
const video = { durationSec: 15, files: [file] }

test.each<[string, object, string[]]>([
  ['a campaign that does not exist', { campaignId: 'x', banner }, ['campaignId']],
  ['no part', {}, ['format']],
  ['two parts and no format', { banner, video }, ['format']],
  ['a part of another format', { format: 'banner', banner, video }, ['video']],
  ['a format without its part', { format: 'video', banner }, ['banner', 'video']],
  [
    'an image of unknown type',
    { banner: { w: 1, h: 1, imageUrl: 'https://a.example/x' } },
    ['banner.mime'],
  ],
  ['neither HTML nor image', { banner: { w: 1, h: 1 } }, ['banner', 'banner.mime']],
  ['a banner without size', { banner: { ...banner, w: 0 } }, ['banner.w']],
  ['no click URL', { clickUrl: '', banner }, ['clickUrl']],
  ['a relative click URL', { clickUrl: '/landing', banner }, ['clickUrl']],
  ['a script as click URL', { clickUrl: 'javascript:alert(1)', banner }, ['clickUrl']],
  ['an attribute', { attributes: [24], banner }, ['attributes[0]']],
  ['an API framework', { apis: [10], banner }, ['apis[0]']],
  ['a direction', { banner: { ...banner, expands: [7] } }, ['banner.expands[0]']],
  ['neither files nor tag', { video: { durationSec: 15 } }, ['video']],
  ['a duration of nothing', { video: { ...video, durationSec: 0 } }, ['video.durationSec']],
  [
    'a file without size',
    { video: { durationSec: 5, files: [{ ...file, w: 0 }] } },
    ['video.files[0].w'],
  ],
  [
    'a file of unknown type',
    { audio: { durationSec: 5, files: [{ ...sound, url: 'https://a.example/x' }] } },
    ['audio.files[0].mime'],
  ],
  [
    'an unknown field of a file',
    { video: { durationSec: 5, files: [{ ...file, fps: 25 }] } },
    ['video.files[0].fps'],
  ],
  [
    'an unknown placeholder',
    { impressionTrackers: ['https://t.example/{{WHO}}'], banner },
    ['impressionTrackers[0]'],
  ],
  ['a native ad of nothing', { native: {} }, ['native']],
  ['more clicks than impressions', { history: { clicks: 1 }, banner }, ['history.clicks']],
  ['a language', { language: 'english!', banner }, ['language']],
])('%s is refused by its path', async (_name, over, paths) => {
  const answer = await put({ ...base, ...over })
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual(paths)
})

test('http is taken with a warning: secure inventory is lost', async () => {
  const answer = await put({ ...bannerBody, impressionTrackers: ['http://t.example/i'] })
  expect(answer.status).toBe(201)
  expect(JSON.stringify(answer.body['warnings'])).toContain('http:')
})

test('a format or size that its campaign does not buy is warned of', async () => {
  const targeting = { formats: ['banner'], sizes: [{ w: 728, h: 90 }] }
  const body = { ...campaignBody, targeting }
  await harness.call('PUT', '/api/v1/campaigns/spring', { body })
  expect(pathsOf(await put(bannerBody), 'warnings')).toEqual(['banner.w'])
  expect(pathsOf(await put({ ...base, video }), 'warnings')).toEqual(['format'])
})

test('a responsive banner is taken, and one without a width is none', async () => {
  const answer = await put({ ...base, banner: { ...banner, w: 0, h: 0 } })
  expect(answer.body['creative']).toMatchObject({ banner: { w: 0, h: 0 } })
  expect(pathsOf(await put({ ...base, banner: { ...banner, w: 0 } }))).toEqual(['banner.w'])
})

test('a campaign is not deleted under its creatives', async () => {
  await put(bannerBody)
  const refused = await harness.call('DELETE', '/api/v1/campaigns/spring')
  expect(refused.body).toMatchObject({ dependents: { kind: 'creative', count: 1 } })
  await harness.call('DELETE', `${url}/c`)
  expect((await harness.call('DELETE', '/api/v1/campaigns/spring')).status).toBe(204)
})

test('lists are filtered by campaign, format and what is enabled', async () => {
  await put(bannerBody, 'a')
  await put({ ...base, video, enabled: false }, 'b')
  const ids = async (query: string) => {
    const { body } = await harness.call('GET', `${url}?${query}`)
    return (body['items'] as { creative: { id: string } }[]).map(({ creative }) => creative.id)
  }
  expect(await ids('format=video')).toEqual(['b'])
  expect(await ids('enabled=true')).toEqual(['a'])
  expect(await ids('campaignId=spring')).toEqual(['a', 'b'])
  expect(await ids('campaignId=other')).toEqual([])
})
