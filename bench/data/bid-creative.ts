/** Made-up creatives: seven of ten are banners, two video, the rest native and audio. */
import type {
  BannerPart,
  Creative,
  MediaFile,
  MediaPart,
  NativePart,
} from '../../src/domain/creative.ts'
import { bannerSizes, drawCategory, languages } from './bid-words.ts'
import type { Draw } from './draw.ts'

const cdn = 'https://cdn.ads.example'

/** Creative `number` of a campaign. */
export function drawCreative(draw: Draw, number: number, campaignId: string): Creative {
  const format = draw.weighted([
    ['banner', 70],
    ['video', 20],
    ['native', 8],
    ['audio', 2],
  ] as const)
  const tracker = `https://track.measure.example/i?cr=${number}`
  const impressions = Math.floor(draw.spread(1, 1_000_000))
  const clicks = Math.floor(impressions * draw.spread(0.0005, 0.02))
  return {
    id: `cr${number}`,
    campaignId,
    name: `Creative ${number}`,
    enabled: draw.chance(0.97),
    format,
    clickUrl: `https://www.shop.example/landing/${number}?utm_source=sluice&utm_campaign=${campaignId}`,
    domains: [],
    categories: draw.chance(0.1) ? [{ taxonomy: 1, ids: [drawCategory(draw)] }] : [],
    bundle: '',
    language: draw.chance(0.3) ? draw.weighted(languages) : '',
    attributes: draw.chance(0.1) ? [draw.pick([1, 6, 7, 13])] : [],
    apis: draw.chance(0.03) ? [draw.pick([3, 5])] : [],
    previewUrl: draw.chance(0.3) ? `${cdn}/preview/${number}.png` : '',
    impressionTrackers: draw.chance(0.4) ? [tracker] : [],
    clickTrackers: [],
    caps: [],
    history: { impressions, clicks, conversions: Math.floor(clicks * draw.spread(0.002, 0.05)) },
    banner: format === 'banner' ? bannerPart(draw, number) : null,
    video: format === 'video' ? videoPart(draw, number) : null,
    audio: format === 'audio' ? audioPart(draw, number) : null,
    native: format === 'native' ? nativePart(draw, number) : null,
  }
}

function bannerPart(draw: Draw, number: number): BannerPart {
  const [w, h] = draw.weighted(bannerSizes)
  if (draw.chance(0.6)) {
    const imageUrl = `${cdn}/${number}/${w}x${h}.png`
    return { w, h, html: '', imageUrl, mime: 'image/png', type: 2, expands: [] }
  }
  const html =
    `<div class="ad" style="width:${w}px;height:${h}px"><a href="{{CLICK_URL}}" target="_blank">` +
    `<img src="${cdn}/${number}/a.jpg" width="${w}" height="${h}" alt=""></a>` +
    `<script src="${cdn}/${number}/play.js" async></script></div>`
  return { w, h, html, imageUrl: '', mime: 'text/html', type: 3, expands: [] }
}

function videoPart(draw: Draw, number: number): MediaPart {
  const durationSec = draw.pick([6, 10, 15, 15, 20, 30, 30, 60])
  const isSkippable = durationSec >= 15 && draw.chance(0.5)
  const sizes = [
    [640, 360, 800],
    [1280, 720, 2_000],
    [1920, 1080, 4_500],
  ] as const
  const files = sizes.slice(0, 2 + draw.below(2)).map(
    ([w, h, bitrateKbps]): MediaFile => ({
      url: `${cdn}/${number}/${h}p.mp4`,
      mime: 'video/mp4',
      w,
      h,
      bitrateKbps,
      delivery: 2,
    }),
  )
  const isWrapper = draw.chance(0.2)
  return {
    durationSec,
    isSkippable,
    skipAfterSec: isSkippable ? 5 : 0,
    linearity: 1,
    files: isWrapper ? [] : files,
    tagUrl: isWrapper ? `https://vast.adserver.example/tag/${number}` : '',
    protocols: draw.chance(0.2) ? [3, 6] : [],
    verifications: [],
  }
}

function audioPart(draw: Draw, number: number): MediaPart {
  return {
    durationSec: draw.pick([15, 30]),
    isSkippable: false,
    skipAfterSec: 0,
    linearity: 1,
    files: [
      {
        url: `${cdn}/${number}/spot.mp3`,
        mime: 'audio/mpeg',
        w: 0,
        h: 0,
        bitrateKbps: 128,
        delivery: 2,
      },
    ],
    tagUrl: '',
    protocols: [],
    verifications: [],
  }
}

function nativePart(draw: Draw, number: number): NativePart {
  const image = (type: number, w: number, h: number) => ({
    type,
    url: `${cdn}/${number}/${w}x${h}.jpg`,
    w,
    h,
    mime: 'image/jpeg',
  })
  const main = draw.pick([
    [1_200, 627],
    [1_200, 628],
    [300, 250],
  ] as const)
  return {
    titles: [`Autumn offers of shop ${number}, while they last`, `Offers of shop ${number}`],
    images: [image(1, 80, 80), image(3, main[0], main[1])],
    data: [
      { type: 1, value: `Shop ${number}` },
      { type: 2, value: 'Everything for house and garden, delivered to your door within a day' },
      { type: 12, value: draw.pick(['Buy now', 'Learn more', 'Install']) },
    ],
    video: null,
    fallbackUrl: '',
  }
}
