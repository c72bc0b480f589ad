/** Pairs of banners and native ads. */
import type { NativePart } from '../../../src/domain/creative.ts'
import { aBanner, aNative, aVideo } from '../../support/bid-world.ts'
import type { Json } from '../../support/openrtb-decode.ts'
import { creatives, exchange, feedAssets, nativeImp, type Pair, pair, targeted } from '../pair.ts'

const object = '2.6 §3.2.6 Banner'
const format = '2.6 §3.2.10 Format'
const size = { drop: 'size' }

const imp = (banner: Json): Json => ({ id: '1', banner })

const sizes: readonly Pair[] = [
  pair('banner size: w and h', {
    source: `${object} w, h`,
    expect: { bids: [{ w: 300, h: 250, mtype: 1 }] },
    twin: { imp: { banner: { w: 320 } } },
    gone: size,
  }),
  pair('format[]: one of the sizes', {
    source: `${object} format`,
    imp: imp({
      format: [
        { w: 320, h: 50 },
        { w: 300, h: 250 },
      ],
    }),
    expect: { bids: [{ w: 300, h: 250 }] },
    twin: {
      imp: {
        banner: {
          format: [
            { w: 320, h: 50 },
            { w: 250, h: 300 },
          ],
        },
      },
    },
    gone: size,
  }),
  pair('format[]: is meant, not w and h beside it', {
    source: `${object} format, w`,
    imp: imp({ w: 320, h: 50, format: [{ w: 300, h: 250 }] }),
    twin: { imp: { banner: { w: 300, h: 250, format: [{ w: 320, h: 50 }] } } },
    gone: size,
  }),
  pair('ratio size: the ratio', {
    source: `${format} wratio, hratio`,
    imp: imp({ format: [{ wratio: 6, hratio: 5, wmin: 300 }] }),
    expect: { bids: [{ w: 300, h: 250 }] },
    twin: { imp: { banner: { format: [{ wratio: 16, hratio: 9, wmin: 300 }] } } },
    gone: size,
  }),
  pair('ratio size: the smallest width', {
    source: `${format} wmin`,
    imp: imp({ format: [{ wratio: 6, hratio: 5, wmin: 300 }] }),
    twin: { imp: { banner: { format: [{ wratio: 6, hratio: 5, wmin: 301 }] } } },
    gone: size,
  }),
  pair('banner size: the old bounds', {
    source: '2.5 §3.2.6 Banner wmax, hmax, wmin, hmin',
    imp: imp({ wmin: 200, wmax: 300, hmin: 200, hmax: 250 }),
    twin: { imp: { banner: { hmax: 249 } } },
    gone: size,
  }),
  pair('banner size: a responsive creative takes that of the slot', {
    source: 'docs/creatives.md, AdCOM attribute 18',
    world: creatives(aBanner({}, { w: 0, h: 0 })),
    imp: imp({ w: 320, h: 50 }),
    expect: { bids: [{ w: 320, h: 50 }] },
    twin: { world: creatives(aBanner({}, { w: 320, h: 100 })) },
    gone: size,
  }),
  pair('banner size: the campaign buys another', {
    source: 'targeting.sizes',
    world: targeted({ sizes: [{ w: 300, h: 250 }] }),
    twin: { world: targeted({ sizes: [{ w: 320, h: 50 }] }) },
    gone: {},
  }),
]

const expanding = creatives(aBanner({ attributes: [3] }, { expands: [1, 4] }))

const banners: readonly Pair[] = [
  pair('battr: an attribute of the creative', {
    source: `${object} battr`,
    world: creatives(aBanner({ attributes: [1, 6] })),
    imp: imp({ w: 300, h: 250, battr: [2, 3] }),
    twin: { imp: { banner: { battr: [2, 6] } } },
    gone: { drop: 'attribute' },
  }),
  pair('btype: an iframe', {
    source: `${object} btype`,
    world: creatives(aBanner({}, { type: 4 })),
    imp: imp({ w: 300, h: 250, btype: [1, 3] }),
    twin: { imp: { banner: { btype: [1, 4] } } },
    gone: { drop: 'banner-type' },
  }),
  pair('expdir: a direction that is not allowed', {
    source: `${object} expdir`,
    world: expanding,
    imp: imp({ w: 300, h: 250, expdir: [1, 2, 4] }),
    twin: { imp: { banner: { expdir: [1, 2] } } },
    gone: { drop: 'expands' },
  }),
  pair('expdir: not said is not allowed', {
    source: `${object} expdir`,
    world: expanding,
    imp: imp({ w: 300, h: 250, expdir: [1, 4] }),
    twin: { imp: { banner: { expdir: null } } },
    gone: { drop: 'expands' },
  }),
  pair('mimes: of the banner', {
    source: `${object} mimes`,
    imp: imp({ w: 300, h: 250, mimes: ['IMAGE/PNG', 'image/gif'] }),
    twin: { imp: { banner: { mimes: ['image/gif', 'text/html'] } } },
    gone: { drop: 'mime' },
  }),
  pair('api: a framework that the banner needs', {
    source: `${object} api`,
    world: creatives(aBanner({ apis: [5] })),
    imp: imp({ w: 300, h: 250, api: [3, 5] }),
    twin: { imp: { banner: { api: [3, 6] } } },
    gone: { drop: 'api' },
  }),
  pair('api: not said is not supported', {
    source: `${object} api`,
    world: creatives(aBanner({ apis: [5] })),
    imp: imp({ w: 300, h: 250, api: [5] }),
    twin: { imp: { banner: { api: null } } },
    gone: { drop: 'api' },
  }),
  pair('pos: of the banner', {
    source: `${object} pos`,
    world: targeted({ positions: [1, 7] }),
    imp: imp({ w: 300, h: 250, pos: 7 }),
    twin: { imp: { banner: { pos: 3 } } },
    gone: { drop: 'position' },
  }),
]

const native = 'OpenRTB Native 1.2'
const missing = { drop: 'native-asset' }
const withAsset = (asset: Json): Json => nativeImp([...feedAssets, asset])
const ofNative = (part: Partial<NativePart>) => creatives(aNative({}, part))
const answered = (...assets: number[]) => ({ bids: [{ mtype: 4 }], assets })

const asset = (id: number, parts: Json): Json => ({ id, ...parts })
const title = (len: number): Json => asset(1, { required: 1, title: { len } })
const image = (parts: Json): Json => asset(2, { required: 1, img: { type: 3, ...parts } })
const rating = (required: number): Json => asset(9, { required, data: { type: 3, len: 5 } })
const clip = asset(4, {
  required: 1,
  video: { mimes: ['video/mp4'], minduration: 5, maxduration: 15, protocols: [2, 3] },
})
const longClip = asset(4, {
  required: 1,
  video: { mimes: ['video/mp4'], minduration: 16, maxduration: 30, protocols: [2, 3] },
})

const natives: readonly Pair[] = [
  pair('native: a title that is too short for ours', {
    source: `${native} §4.3 Title len`,
    imp: nativeImp([title(11)]),
    expect: answered(1),
    twin: { imp: nativeImp([title(10)]) },
    gone: missing,
  }),
  pair('native: a required asset that we do not have', {
    source: `${native} §4.2 Asset required`,
    imp: nativeImp(feedAssets),
    expect: answered(1, 2, 3),
    twin: { imp: withAsset(rating(1)) },
    gone: missing,
  }),
  pair('native: an optional asset that we do not have is left out', {
    source: `${native} §4.2 Asset required`,
    imp: withAsset(rating(0)),
    expect: answered(1, 2, 3),
    twin: { imp: withAsset(rating(1)) },
    gone: missing,
  }),
  pair('native: an image that is too small', {
    source: `${native} §4.4 Image wmin, hmin`,
    imp: nativeImp([image({ wmin: 1200, hmin: 627 })]),
    expect: answered(2),
    twin: { imp: nativeImp([image({ wmin: 1201, hmin: 627 })]) },
    gone: missing,
  }),
  pair('native: an image of another exact size', {
    source: `${native} §4.4 Image w, h`,
    imp: nativeImp([image({ w: 1200, h: 627 })]),
    expect: answered(2),
    twin: { imp: nativeImp([image({ w: 1200, h: 600 })]) },
    gone: missing,
  }),
  pair('native: an image of another type', {
    source: `${native} §4.4 Image type`,
    world: ofNative({ images: [] }),
    imp: nativeImp([title(90), asset(2, { required: 0, img: { type: 3, wmin: 1, hmin: 1 } })]),
    expect: answered(1),
    twin: { imp: nativeImp([title(90), image({ wmin: 1, hmin: 1 })]) },
    gone: missing,
  }),
  pair('native: an image of another mime type', {
    source: `${native} §4.4 Image mimes`,
    imp: nativeImp([image({ wmin: 1, hmin: 1, mimes: ['image/png'] })]),
    twin: { imp: nativeImp([image({ wmin: 1, hmin: 1, mimes: ['image/webp'] })]) },
    gone: missing,
  }),
  pair('native: a text that is too long', {
    source: `${native} §4.6 Data len`,
    imp: nativeImp([asset(3, { required: 1, data: { type: 2, len: 25 } })]),
    twin: { imp: nativeImp([asset(3, { required: 1, data: { type: 2, len: 24 } })]) },
    gone: missing,
  }),
  pair('native: a video asset', {
    source: `${native} §4.5 Video`,
    world: ofNative({ video: aVideo().video }),
    imp: nativeImp([title(90), clip]),
    expect: answered(1, 4),
    twin: { imp: nativeImp([title(90), longClip]) },
    gone: missing,
  }),
  pair('native: nothing that can be filled', {
    source: `${native} §4.2 Asset`,
    imp: nativeImp([asset(1, { required: 0, title: { len: 11 } })]),
    twin: { imp: nativeImp([asset(1, { required: 0, title: { len: 3 } })]) },
    gone: missing,
  }),
  pair('native: the request as an object', {
    source: `${native} §4.1, 2.6 §3.2.9`,
    imp: { id: '1', native: { request: { ver: '1.2', assets: [title(11)] } } },
    expect: answered(1),
    twin: { imp: { native: { request: { ver: '1.2', assets: [title(10)] } } } },
    gone: missing,
  }),
  pair('native: the request wrapped, as before 1.1', {
    source: 'OpenRTB Native 1.0 §4.1',
    imp: { id: '1', native: { request: JSON.stringify({ native: { assets: [title(11)] } }) } },
    expect: answered(1),
    twin: { imp: { native: { request: JSON.stringify({ native: { assets: [title(10)] } }) } } },
    gone: missing,
  }),
  pair('native: a text that is no JSON', {
    source: '2.6 §3.2.9 Native request',
    imp: nativeImp(),
    twin: { imp: { native: { request: '{"assets":[' } } },
    gone: { refusal: 'no-usable-imp', nbr: 2 },
  }),
  pair('native: the answer as an object', {
    source: 'exchange setting nativeMarkup',
    world: exchange({ nativeMarkup: 'object' }),
    imp: nativeImp(),
    expect: answered(1, 2, 3),
    twin: { imp: nativeImp([title(10)]) },
    gone: missing,
  }),
  pair('battr: of a native ad', {
    source: '2.6 §3.2.9 Native battr',
    world: creatives(aNative({ attributes: [6] })),
    imp: nativeImp(feedAssets, { battr: [7] }),
    twin: { imp: { native: { battr: [6] } } },
    gone: { drop: 'attribute' },
  }),
  pair('api: of a native ad', {
    source: '2.6 §3.2.9 Native api',
    world: creatives(aNative({ apis: [7] })),
    imp: nativeImp(feedAssets, { api: [7] }),
    twin: { imp: { native: { api: [6] } } },
    gone: { drop: 'api' },
  }),
  pair('secure: an image of a native ad over http', {
    source: '2.6 §3.2.4 Imp secure',
    world: ofNative({ fallbackUrl: 'http://shop.example/' }),
    imp: { ...nativeImp(), secure: 0 },
    twin: { imp: { secure: 1 } },
    gone: { drop: 'secure' },
  }),
]

/** Pairs of banners and native ads. */
export const displayPairs: readonly Pair[] = [...sizes, ...banners, ...natives]
