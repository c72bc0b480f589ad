/** Made-up impressions of bid requests (OpenRTB 2.6, 3.2.4 to 3.2.12; Native 1.2, section 4). */
import { bannerSizes, dealCount, dealId, type RequestObject } from './bid-words.ts'
import type { Draw } from './draw.ts'

/** Mostly one banner; a tenth of the requests are pages with several slots. */
export function drawImps(draw: Draw, currency: string): RequestObject[] {
  const kind = draw.weighted([
    [[drawBanner], 58],
    [[drawVideo], 19],
    [[drawNative], 9],
    [[drawAudio], 1],
    [[drawBannerOrVideo], 3],
    [[drawBanner, drawBanner], 5],
    [[drawBanner, drawBanner, drawBanner, drawVideo], 3],
    [[drawBanner, drawNative], 2],
  ] as const)
  return kind.map((format, index) => ({
    id: String(index + 1),
    ...format(draw),
    ...terms(draw, currency),
  }))
}

/** What every impression says beside its format. */
function terms(draw: Draw, currency: string): RequestObject {
  return {
    ...(draw.chance(0.03) ? { instl: 1 } : {}),
    tagid: `tag-${draw.below(2_000)}`,
    bidfloor: Math.round(draw.spread(0.05, 1.5) * 100) / 100,
    bidfloorcur: currency,
    secure: Number(draw.chance(0.95)),
    ...(draw.chance(0.08) ? { pmp: drawPmp(draw, currency) } : {}),
    exp: 300,
  }
}

/** `Pmp` and `Deal` (3.2.11, 3.2.12). */
function drawPmp(draw: Draw, currency: string): RequestObject {
  const deals = draw.some(1 + draw.below(3), () => dealId(draw.below(dealCount)))
  return {
    private_auction: Number(draw.chance(0.2)),
    deals: deals.map((id) => ({
      id,
      bidfloor: Math.round(draw.spread(0.2, 2) * 100) / 100,
      bidfloorcur: currency,
      at: draw.pick([1, 2, 3]),
    })),
  }
}

/** `Banner` (3.2.6); three of ten let us choose among sizes. */
function drawBanner(draw: Draw): RequestObject {
  const count = draw.chance(0.3) ? 2 + draw.below(2) : 1
  const sizes = draw.some(count, () => draw.weighted(bannerSizes))
  const [w, h] = sizes[0] ?? [300, 250]
  return {
    banner: {
      ...(sizes.length > 1 ? { format: sizes.map((size) => ({ w: size[0], h: size[1] })) } : {}),
      w,
      h,
      ...(draw.chance(0.3) ? { btype: [4] } : {}),
      ...(draw.chance(0.6) ? { battr: [1, 3, 6, 8, 9, 10] } : {}),
      pos: draw.pick([0, 1, 1, 3]),
      ...(draw.chance(0.4) ? { api: [3, 5, 6] } : {}),
    },
  }
}

/** `Video` (3.2.7). */
function drawVideo(draw: Draw): RequestObject {
  return {
    video: {
      mimes: ['video/mp4', 'video/webm'],
      minduration: draw.pick([0, 3, 5]),
      maxduration: draw.pick([15, 30, 30, 60]),
      protocols: draw.pick([
        [2, 3, 5, 6],
        [2, 3, 5, 6, 7, 8],
      ]),
      w: 640,
      h: 360,
      startdelay: draw.pick([0, 0, -1, 15]),
      plcmt: 1 + draw.below(4),
      linearity: 1,
      skip: draw.below(2),
      battr: draw.chance(0.5) ? [13] : [],
      maxbitrate: draw.chance(0.3) ? 4_000 : 20_000,
      playbackmethod: [1, 2],
      pos: draw.pick([0, 1, 7]),
      api: [2, 7],
    },
  }
}

function drawBannerOrVideo(draw: Draw): RequestObject {
  return { ...drawBanner(draw), ...drawVideo(draw) }
}

/** `Audio` (3.2.8). */
function drawAudio(draw: Draw): RequestObject {
  return {
    audio: {
      mimes: ['audio/mpeg', 'audio/mp4'],
      minduration: 5,
      maxduration: 30,
      protocols: [2, 3, 5, 6, 9, 10],
      startdelay: draw.pick([0, -1]),
      battr: [13],
      feed: 3,
    },
  }
}

/** `Native` (3.2.9): the request of Native 1.2 as a string. */
function drawNative(draw: Draw): RequestObject {
  const image = (type: number, wmin: number, hmin: number) => ({ type, wmin, hmin })
  const request = {
    ver: '1.2',
    context: draw.pick([1, 2]),
    plcmttype: draw.pick([1, 4]),
    plcmtcnt: 1,
    assets: [
      { id: 1, required: 1, title: { len: draw.pick([50, 90, 140]) } },
      { id: 2, required: 1, img: image(3, 300, 250) },
      { id: 3, required: 0, img: image(1, 50, 50) },
      { id: 4, required: 0, data: { type: 1, len: 25 } },
      { id: 5, required: 0, data: { type: 2, len: 90 } },
      { id: 6, required: 0, data: { type: 12, len: 15 } },
    ],
    eventtrackers: [{ event: 1, methods: [1, 2] }],
  }
  return { native: { request: JSON.stringify(request), ver: '1.2', battr: [1, 3] } }
}
