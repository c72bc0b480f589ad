/** Pairs of video and audio, of pods, and of impressions with several formats or beside others. */
import type { MediaFile } from '../../../src/domain/creative.ts'
import { aBanner, anAdvertiser, anAudio, anExchange, aVideo } from '../../support/bid-world.ts'
import type { Json } from '../../support/openrtb-decode.ts'
import {
  audioImp,
  buys,
  cpm,
  creatives,
  merged,
  nativeImp,
  type Pair,
  pair,
  targeted,
  videoImp,
} from '../pair.ts'
import type { RoadWorld } from '../road.ts'

const ofVideo = '2.6 §3.2.7 Video'
const ofAudio = '2.6 §3.2.8 Audio'
const pods = 'implementation notes 7.6'

const video = (parts: Json): Json => merged(videoImp, { video: parts })
const audio = (parts: Json): Json => merged(audioImp, { audio: parts })
const below = { drop: 'below-floor' }

const file: MediaFile = {
  url: 'https://cdn.shop.example/15s.mp4',
  mime: 'video/mp4',
  w: 640,
  h: 360,
  bitrateKbps: 800,
  delivery: 2,
}
const skippable = creatives(aVideo({}, { isSkippable: true, skipAfterSec: 5 }))

const videos: readonly Pair[] = [
  pair('video mimes: none of ours', {
    source: `${ofVideo} mimes`,
    imp: video({ mimes: ['video/webm', 'video/mp4'] }),
    expect: { bids: [{ mtype: 2, dur: 15 }] },
    twin: { imp: { video: { mimes: ['video/webm'] } } },
    gone: { drop: 'mime' },
  }),
  pair('protocols: a version of VAST that the creative may not be made in', {
    source: `${ofVideo} protocols`,
    world: creatives(aVideo({}, { protocols: [7, 8] })),
    imp: video({ protocols: [3, 7] }),
    twin: { imp: { video: { protocols: [2, 3, 5, 6] } } },
    gone: { drop: 'protocol' },
  }),
  pair('protocols: a wrapper where only inline documents are taken', {
    source: `${ofVideo} protocols`,
    world: creatives(aVideo({}, { files: [], tagUrl: 'https://vast.example/tag' })),
    imp: video({ protocols: [2, 5] }),
    twin: { imp: { video: { protocols: [2, 3] } } },
    gone: { drop: 'protocol' },
  }),
  pair('protocols: the single number of versions before 2.3', {
    source: '2.2 §3.2.4 Video protocol',
    imp: video({ protocols: null, protocol: 3 }),
    twin: { imp: { video: { protocol: 1 } } },
    gone: { drop: 'protocol' },
  }),
  pair('minduration: shorter', {
    source: `${ofVideo} minduration`,
    imp: video({ minduration: 15 }),
    twin: { imp: { video: { minduration: 16 } } },
    gone: { drop: 'duration' },
  }),
  pair('maxduration: longer', {
    source: `${ofVideo} maxduration`,
    imp: video({ maxduration: 15 }),
    twin: { imp: { video: { maxduration: 14 } } },
    gone: { drop: 'duration' },
  }),
  pair('rqddurs: none of the exact durations', {
    source: `${ofVideo} rqddurs`,
    imp: video({ minduration: null, maxduration: null, rqddurs: [15, 30] }),
    twin: { imp: { video: { rqddurs: [10, 30] } } },
    gone: { drop: 'duration' },
  }),
  pair('skip: an ad that can be skipped', {
    source: `${ofVideo} skip`,
    world: skippable,
    imp: video({ skip: 1 }),
    twin: { imp: { video: { skip: 0 } } },
    gone: { drop: 'skippable' },
  }),
  pair('skipmin: an ad that is not longer', {
    source: `${ofVideo} skipmin`,
    world: skippable,
    imp: video({ skip: 1, skipmin: 14 }),
    twin: { imp: { video: { skipmin: 15 } } },
    gone: { drop: 'skippable' },
  }),
  pair('battr: a skip button of the ad’s own', {
    source: `${ofVideo} battr, AdCOM attribute 16`,
    world: skippable,
    imp: video({ battr: [1] }),
    twin: { imp: { video: { battr: [1, 16] } } },
    gone: { drop: 'attribute' },
  }),
  pair('plcmt: a placement that the campaign does not buy', {
    source: `${ofVideo} plcmt`,
    world: targeted({ placements: [1, 2] }),
    imp: video({ plcmt: 1 }),
    twin: { imp: { video: { plcmt: 4 } } },
    gone: { drop: 'placement' },
  }),
  pair('linearity: an overlay is wanted', {
    source: `${ofVideo} linearity`,
    imp: video({ linearity: 1 }),
    twin: { imp: { video: { linearity: 2 } } },
    gone: { drop: 'linearity' },
  }),
  pair('startdelay: post-roll for a campaign that buys pre-roll', {
    source: `${ofVideo} startdelay`,
    world: targeted({ startDelays: ['pre'] }),
    imp: video({ startdelay: 0 }),
    twin: { imp: { video: { startdelay: -2 } } },
    gone: { drop: 'start-delay' },
  }),
  pair('startdelay: mid-roll by its second', {
    source: `${ofVideo} startdelay`,
    world: targeted({ startDelays: ['mid'] }),
    imp: video({ startdelay: 300 }),
    twin: { imp: { video: { startdelay: 0 } } },
    gone: { drop: 'start-delay' },
  }),
  pair('maxbitrate: too many', {
    source: `${ofVideo} maxbitrate`,
    imp: video({ maxbitrate: 800 }),
    twin: { imp: { video: { maxbitrate: 799 } } },
    gone: { drop: 'bitrate' },
  }),
  pair('minbitrate: too few', {
    source: `${ofVideo} minbitrate`,
    imp: video({ minbitrate: 800 }),
    twin: { imp: { video: { minbitrate: 801 } } },
    gone: { drop: 'bitrate' },
  }),
  pair('boxingallowed: another ratio', {
    source: `${ofVideo} boxingallowed`,
    imp: video({ boxingallowed: 1, w: 400, h: 300 }),
    twin: { imp: { video: { boxingallowed: 0 } } },
    gone: { drop: 'aspect-ratio' },
  }),
  pair('delivery: streaming alone', {
    source: `${ofVideo} delivery`,
    imp: video({ delivery: [1, 2] }),
    twin: { imp: { video: { delivery: [1] } } },
    gone: { drop: 'delivery' },
  }),
  pair('api: a framework that the video needs', {
    source: `${ofVideo} api`,
    world: creatives(aVideo({ apis: [7] })),
    imp: video({ api: [7] }),
    twin: { imp: { video: { api: [1, 2] } } },
    gone: { drop: 'api' },
  }),
  pair('pos: of the video', {
    source: `${ofVideo} pos`,
    world: targeted({ positions: [1] }),
    imp: video({ pos: 1 }),
    twin: { imp: { video: { pos: 3 } } },
    gone: { drop: 'position' },
  }),
  pair('secure: a media file over http', {
    source: '2.6 §3.2.4 Imp secure',
    world: creatives(aVideo({}, { files: [{ ...file, url: 'http://cdn.shop.example/15s.mp4' }] })),
    imp: videoImp,
    twin: { imp: { secure: 1 } },
    gone: { drop: 'secure' },
  }),
]

const audios: readonly Pair[] = [
  pair('audio mimes: none of ours', {
    source: `${ofAudio} mimes`,
    imp: audioImp,
    expect: { bids: [{ mtype: 3, dur: 30 }] },
    twin: { imp: { audio: { mimes: ['audio/ogg'] } } },
    gone: { drop: 'mime' },
  }),
  pair('audio protocols: DAAST alone', {
    source: `${ofAudio} protocols`,
    imp: audio({ protocols: [3, 9] }),
    twin: { imp: { audio: { protocols: [9, 10] } } },
    gone: { drop: 'protocol' },
  }),
  pair('audio minduration: shorter', {
    source: `${ofAudio} minduration`,
    imp: audio({ minduration: 30 }),
    twin: { imp: { audio: { minduration: 31 } } },
    gone: { drop: 'duration' },
  }),
  pair('audio maxduration: longer', {
    source: `${ofAudio} maxduration`,
    imp: audio({ maxduration: 30 }),
    twin: { imp: { audio: { maxduration: 29 } } },
    gone: { drop: 'duration' },
  }),
  pair('audio rqddurs: none of the exact durations', {
    source: `${ofAudio} rqddurs`,
    imp: audio({ minduration: null, maxduration: null, rqddurs: [15, 30] }),
    twin: { imp: { audio: { rqddurs: [15] } } },
    gone: { drop: 'duration' },
  }),
  pair('audio startdelay: post-roll for a campaign that buys pre-roll', {
    source: `${ofAudio} startdelay`,
    world: targeted({ startDelays: ['pre'] }),
    imp: audio({ startdelay: 0 }),
    twin: { imp: { audio: { startdelay: -2 } } },
    gone: { drop: 'start-delay' },
  }),
  pair('audio maxbitrate: too many', {
    source: `${ofAudio} maxbitrate`,
    imp: audio({ maxbitrate: 128 }),
    twin: { imp: { audio: { maxbitrate: 96 } } },
    gone: { drop: 'bitrate' },
  }),
  pair('audio minbitrate: too few', {
    source: `${ofAudio} minbitrate`,
    imp: audio({ minbitrate: 128 }),
    twin: { imp: { audio: { minbitrate: 129 } } },
    gone: { drop: 'bitrate' },
  }),
  pair('audio delivery: streaming alone', {
    source: `${ofAudio} delivery`,
    imp: audio({ delivery: [2] }),
    twin: { imp: { audio: { delivery: [1] } } },
    gone: { drop: 'delivery' },
  }),
  pair('audio battr: an attribute of the creative', {
    source: `${ofAudio} battr`,
    world: creatives(anAudio({ attributes: [1] })),
    imp: audio({ battr: [2] }),
    twin: { imp: { audio: { battr: [1] } } },
    gone: { drop: 'attribute' },
  }),
  pair('audio api: a framework that the ad needs', {
    source: `${ofAudio} api`,
    world: creatives(anAudio({ apis: [7] })),
    imp: audio({ api: [7] }),
    twin: { imp: { audio: { api: [6] } } },
    gone: { drop: 'api' },
  }),
  pair('audio durfloors: the floor of the range that the duration is in', {
    source: '2.6 §3.2.35 DurFloors',
    imp: audio({ durfloors: [{ mindur: 16, maxdur: 30, bidfloor: 5 }] }),
    twin: { imp: { audio: { durfloors: [{ mindur: 16, maxdur: 30, bidfloor: 5.5 }] } } },
    gone: below,
  }),
  pair('audio mincpmpersec: a floor a second', {
    source: `${ofAudio} mincpmpersec`,
    imp: audio({ poddur: 60, maxseq: 2, mincpmpersec: 0.16 }),
    twin: { imp: { audio: { mincpmpersec: 0.17 } } },
    gone: below,
  }),
  pair('audio poddur: longer than the whole pod', {
    source: `${ofAudio} poddur`,
    imp: audio({ poddur: 30 }),
    twin: { imp: { audio: { poddur: 29 } } },
    gone: { drop: 'duration' },
  }),
]

const twoInPod = (parts: Json): readonly Json[] => [
  video({ podid: 'pod-1', slotinpod: 1, ...parts }),
  { ...video({ podid: 'pod-1', slotinpod: 0, ...parts }), id: '2' },
]
const both = { bids: [{ impid: '1' }, { impid: '2' }] }
const onlyFirst = { bids: [{ impid: '1' }], drop: 'pod-duplicate' }
const clip = (id: string, url: string, own: Parameters<typeof aVideo>[0] = {}) =>
  aVideo({ id, ...own }, { files: [{ ...file, url }] })
const a = 'https://cdn.shop.example/a.mp4'
const b = 'https://cdn.shop.example/b.mp4'
const twoClips = creatives(clip('a', a), clip('b', b))
const oneCategory = [{ taxonomy: 1, ids: ['IAB22-1'] }]

const dynamic: RoadWorld = { ...twoClips, exchanges: [anExchange({ bidsPerImpMax: 3 })] }
const dynamicPod = (parts: Json): Json => video({ podid: 'p', poddur: 30, maxseq: 3, ...parts })
const two = {
  bids: [
    { crid: 'a', impid: '1' },
    { crid: 'b', impid: '1' },
  ],
}

const inPods: readonly Pair[] = [
  pair('podid: the same creative stands once in a pod', {
    source: `${pods}.1 podid`,
    world: creatives(aVideo()),
    imps: [video({ podid: 'pod-1' }), { ...video({ podid: 'pod-2' }), id: '2' }],
    expect: both,
    twin: { imp: { video: { podid: 'pod-2' } } },
    gone: onlyFirst,
  }),
  pair('podid: the same audio stands once in a pod', {
    source: `${pods}.1 podid`,
    imps: [audio({ podid: 'pod-1' }), { ...audio({ podid: 'pod-2' }), id: '2' }],
    expect: both,
    twin: { imp: { audio: { podid: 'pod-2' } } },
    gone: onlyFirst,
  }),
  pair('poddedupe: by creative id', {
    source: '2.6 §3.2.7 poddedupe 3',
    world: creatives(aVideo()),
    imps: twoInPod({ poddedupe: [5] }),
    expect: both,
    twin: { request: { imp: twoInPod({ poddedupe: [3] }) } },
    gone: onlyFirst,
  }),
  pair('poddedupe: by domain of the advertiser', {
    source: '2.6 §3.2.7 poddedupe 1',
    world: twoClips,
    imps: twoInPod({ poddedupe: [3] }),
    expect: both,
    twin: { request: { imp: twoInPod({ poddedupe: [1] }) } },
    gone: onlyFirst,
  }),
  pair('poddedupe: by category', {
    source: '2.6 §3.2.7 poddedupe 2',
    world: creatives(
      clip('a', a, { domains: ['a.example'], categories: oneCategory }),
      clip('b', b, { domains: ['b.example'], categories: oneCategory }),
    ),
    imps: twoInPod({ poddedupe: [1, 3] }),
    expect: both,
    twin: { request: { imp: twoInPod({ poddedupe: [2] }) } },
    gone: onlyFirst,
  }),
  pair('poddedupe: by media file', {
    source: '2.6 §3.2.7 poddedupe 4',
    world: creatives(clip('a', a), clip('b', a)),
    imps: twoInPod({ poddedupe: [3] }),
    expect: both,
    twin: { request: { imp: twoInPod({ poddedupe: [3, 4] }) } },
    gone: onlyFirst,
  }),
  pair('podseq: not the pod that the campaign buys', {
    source: `${pods} podseq`,
    world: targeted({ podSequences: ['first'] }),
    imp: video({ podid: 'p', podseq: 1 }),
    twin: { imp: { video: { podseq: 0 } } },
    gone: { drop: 'pod-sequence' },
  }),
  pair('slotinpod: not the place that the campaign buys', {
    source: `${pods} slotinpod`,
    world: targeted({ podSlots: ['first'] }),
    imp: video({ podid: 'p', slotinpod: 1 }),
    twin: { imp: { video: { slotinpod: -1 } } },
    gone: { drop: 'pod-slot' },
  }),
  pair('slotinpod: the answer says which place of an open pod is meant', {
    source: `${pods} Bid.slotinpod`,
    world: targeted({ podSlots: ['last'] }),
    imp: dynamicPod({ slotinpod: 0 }),
    expect: { bids: [{ slotinpod: -1 }] },
    twin: { imp: { video: { slotinpod: 1 } } },
    gone: { drop: 'pod-slot' },
  }),
  pair('poddur: no second ad where no time is left', {
    source: `${ofVideo} poddur`,
    world: dynamic,
    imp: dynamicPod({ maxseq: 2 }),
    expect: two,
    twin: { imp: { video: { poddur: 29 } } },
    gone: { bids: [{ impid: '1' }], drop: 'pod-full' },
  }),
  pair('poddur: longer than the whole pod', {
    source: `${ofVideo} poddur`,
    imp: dynamicPod({ poddur: 15 }),
    twin: { imp: { video: { poddur: 14 } } },
    gone: { drop: 'duration' },
  }),
  pair('maxseq: as many ads as a pod takes', {
    source: `${ofVideo} maxseq`,
    world: dynamic,
    imp: dynamicPod({}),
    expect: two,
    twin: { imp: { video: { maxseq: 1 } } },
    gone: { bids: [{ impid: '1' }] },
  }),
  pair('maxseq: as many bids as the exchange takes', {
    source: 'exchange setting bidsPerImpMax',
    world: dynamic,
    imp: dynamicPod({ maxseq: null }),
    expect: two,
    twin: { world: { exchanges: [anExchange({ bidsPerImpMax: 1 })] } },
    gone: { bids: [{ impid: '1' }] },
  }),
  pair('mincpmpersec: a floor a second', {
    source: `${ofVideo} mincpmpersec`,
    imp: dynamicPod({ mincpmpersec: 0.333 }),
    expect: { bids: [{ price: 5 }] },
    twin: { imp: { video: { mincpmpersec: 0.334 } } },
    gone: below,
  }),
]

const banner = { w: 300, h: 250 }
const dearVideo: RoadWorld = {
  campaigns: [buys(5), buys(8, { id: 'film' })],
  creatives: [aBanner(), aVideo({ campaignId: 'film' })],
}

const several: readonly Pair[] = [
  pair('multi-format: the dearest format answers, and says so', {
    source: '2.6 §4.2.3 Bid mtype',
    world: dearVideo,
    imp: { ...videoImp, banner },
    expect: { bids: [{ mtype: 2, crid: 'video', price: 8 }] },
    twin: { imp: { video: { mimes: ['video/webm'] } } },
    gone: { bids: [{ mtype: 1, crid: 'banner', price: 5 }], drop: 'mime' },
  }),
  pair('multi-format: native beside a banner of another size', {
    source: '2.6 §4.2.3 Bid mtype',
    imp: { ...nativeImp(), banner: { w: 1, h: 1 } },
    expect: { bids: [{ mtype: 4, crid: 'native' }] },
    twin: { imp: nativeImp([{ id: 1, required: 1, title: { len: 3 } }]) },
    gone: { drop: 'native-asset' },
  }),
  pair('several imps: each has its own floor', {
    source: '2.6 §3.2.1 BidRequest imp',
    imps: [
      { id: 'top', banner, bidfloor: 5 },
      { id: 'bottom', banner, bidfloor: 1 },
    ],
    expect: { bids: [{ impid: 'top' }, { impid: 'bottom' }] },
    twin: { imp: { bidfloor: 6 } },
    gone: { bids: [{ impid: 'bottom' }], drop: 'below-floor' },
  }),
  pair('several imps: one that cannot be used costs only itself', {
    source: '2.6 §3.2.1 BidRequest imp',
    imps: [
      { id: 'top', banner },
      { id: 'bottom', banner },
    ],
    expect: { bids: [{ impid: 'top' }, { impid: 'bottom' }] },
    twin: { imp: { banner: null } },
    gone: { bids: [{ impid: 'bottom' }] },
  }),
  pair('several imps: formats of several advertisers', {
    source: '2.6 §3.2.1 BidRequest imp',
    world: {
      advertisers: [anAdvertiser(), anAdvertiser({ id: 'studio', domains: ['studio.example'] })],
      campaigns: [buys(5), buys(8, { id: 'film', advertiserId: 'studio' })],
      creatives: [aBanner(), aVideo({ campaignId: 'film' })],
    },
    imps: [
      { id: 'page', banner },
      { ...videoImp, id: 'player' },
    ],
    expect: {
      bids: [
        { impid: 'page', mtype: 1, price: 5 },
        { impid: 'player', mtype: 2, price: 8 },
      ],
    },
    twin: { request: { badv: ['studio.example'] } },
    gone: { bids: [{ impid: 'page' }], drop: 'blocked-domain' },
  }),
]

/** 5.00 CPM is half a cent an impression. */
const costly = { campaigns: [buys(5, { maxCostPerWinMicros: cpm(0.01) })] }
const screen = (multiplier: number): Json => ({ id: '1', banner, qty: { multiplier } })
const inDooh = { site: null, dooh: { id: 'screen-1', venuetype: ['101'], publisher: { id: 'p' } } }

const screens: readonly Pair[] = [
  pair('qty.multiplier: what one win costs', {
    source: '2.6 §3.2.31 Qty multiplier',
    world: costly,
    request: inDooh,
    imp: screen(2),
    expect: { bids: [{ price: 5 }] },
    twin: { imp: { qty: { multiplier: 2.01 } } },
    gone: { drop: 'cost-per-win' },
  }),
  pair('qty.multiplier: less than one impression', {
    source: '2.6 §3.2.31 Qty multiplier',
    request: inDooh,
    imp: screen(0.25),
    twin: { imp: { qty: { multiplier: 0 } } },
    gone: { refusal: 'no-usable-imp', nbr: 2 },
  }),
  pair('qty.multiplier: below nothing', {
    source: '2.6 §3.2.31 Qty multiplier',
    request: inDooh,
    imp: screen(1),
    twin: { imp: { qty: { multiplier: -1 } } },
    gone: { refusal: 'no-usable-imp', nbr: 2 },
  }),
]

/** Pairs of video, audio, pods, formats and impressions. */
export const mediaPairs: readonly Pair[] = [...videos, ...audios, ...inPods, ...several, ...screens]
