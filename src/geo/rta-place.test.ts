import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cityRecord, writeMmdb } from '../../test/support/mmdb-writer.ts'
import {
  MemoryAudience,
  packOf,
  settingsOf,
  snapshotOf,
  storedOf,
  strategyOf,
} from '../../test/support/rta-fixtures.ts'
import type { Snapshot } from '../catalog/plan.ts'
import { RtaDecider } from '../decision/decide.ts'
import { Scratch } from '../decision/scratch.ts'
import { newTrace } from '../decision/trace.ts'
import type { RtaDecision } from '../domain/decision.ts'
import { type GeoSource, noGeo } from '../domain/geo-port.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Conditions } from '../domain/strategy.ts'
import { DeviceHasher } from '../identity/device-hasher.ts'
import { ManualClock } from '../lib/clock.ts'
import { loadProtoType } from '../media/proto-root.ts'
import { createAdapters } from '../media/registry.ts'
import { openMmdbSource } from './mmdb-source.ts'

const adapter = createAdapters([
  {
    name: 'tencent',
    context: {
      hasher: new DeviceHasher(new Uint8Array(16)),
      cacheAcceptSeconds: 0,
      cacheRefuseSeconds: 0,
      cacheFailureSeconds: 0,
    },
  },
]).get('tencent')!
const wireType = loadProtoType('tencent.proto', 'tencent.ad.rta.RtaRequest')

const folder = mkdtempSync(join(tmpdir(), 'sluice-place-'))
let source: GeoSource
let clock: ManualClock
let snapshot: Snapshot

beforeAll(async () => {
  const path = join(folder, 'city.mmdb')
  const shanghai = cityRecord({ country: 'CN', region: 'SH', city: 'Shanghai' })
  writeFileSync(path, writeMmdb([{ cidr: '36.110.4.0/22', record: shanghai }]))
  source = await openMmdbSource({
    path,
    every: () => () => undefined,
    onLoaded: () => undefined,
    onProblem: () => undefined,
  })
})

afterAll(() => rmSync(folder, { recursive: true }))

beforeEach(() => {
  clock = new ManualClock(1_760_000_000_000)
})

function load(geo: Partial<Conditions['geo']>): void {
  const conditions = { geo: { countries: [], cities: [], excludedCities: [], ...geo } }
  // A strategy for everybody: only its place decides.
  snapshot = snapshotOf(storedOf([strategyOf('s', { conditions })], [packOf('p', 0)]))
}

/** A real request of the medium, asked of the road as medium `m` of the fixtures. */
function decide(ip: string, geo: GeoSource): RtaDecision | Promise<RtaDecision> {
  const { decider, scratch } = asked(ip, geo)
  return decider.decide(scratch.request, scratch)
}

function asked(ip: string, geo: GeoSource) {
  const device = { os: 2, oaid_md5sum: '5f4dcc3b5aa765d61d8327deb882cf99', ip }
  const body = wireType.encode(wireType.fromObject({ id: 'r-1', device })).finish()
  const scratch = new Scratch()
  const refusal = adapter.decode({ body, headers: [], query: '' }, scratch.request)
  expect(refusal).toBe(Refusal.None)
  expect(scratch.request.devices.count).toBe(1)
  scratch.request.medium = 'm'
  scratch.request.deadlineMs = 50
  const decider = new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience: new MemoryAudience(),
    clock,
    media: [{ settings: settingsOf('m'), rules: adapter.rules }],
    geo,
  })
  return { decider, scratch }
}

describe('a Tencent request, which says where it is by its address alone', () => {
  test.each([
    [{ cities: ['Shanghai'] }, Refusal.None],
    [{ cities: ['SHANGHAI'], countries: ['CN'] }, Refusal.None],
    [{ countries: ['CHN'] }, Refusal.None],
    [{ countries: ['chn', 'US'] }, Refusal.None],
    [{ cities: ['Beijing'] }, Refusal.ConditionMismatch],
    [{ countries: ['USA'] }, Refusal.ConditionMismatch],
    [{ excludedCities: ['Shanghai'] }, Refusal.ConditionMismatch],
  ])('with a file, %j', (geo, refusal) => {
    load(geo)
    expect(decide('36.110.5.9', source)).toMatchObject({ refusal })
  })

  test.each([{ cities: ['Shanghai'] }, { countries: ['CN'] }])('without a file, %j', (geo) => {
    load(geo)
    expect(decide('36.110.5.9', noGeo)).toMatchObject({ refusal: Refusal.ConditionMismatch })
  })

  test('an address that the file does not know meets no wanted place', () => {
    load({ cities: ['Shanghai'] })
    for (const ip of ['36.110.8.1', '10.0.0.1', 'not an address', '']) {
      expect(decide(ip, source)).toMatchObject({ refusal: Refusal.ConditionMismatch })
    }
  })

  test('explain tells the place, and that it is from the address', async () => {
    load({ cities: ['Shanghai'] })
    const { decider, scratch } = asked('36.110.5.9', source)
    const trace = newTrace()
    await decider.decide(scratch.request, scratch, trace)
    expect(trace.place).toEqual({ country: 'chn', city: 'shanghai', byAddress: true })
  })

  test('where no strategy looks at the place, the address is not looked at either', () => {
    load({})
    const never: GeoSource = {
      lookup: () => {
        throw new Error('looked up')
      },
    }
    expect(decide('36.110.5.9', never)).toMatchObject({ refusal: Refusal.None })
  })
})
