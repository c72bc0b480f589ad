/**
 * Golden fixtures of every medium: bytes in, canonical request out; decision in, wire message out.
 * `UPDATE_GOLDEN=1` (or a medium's name) rewrites what is expected; review the diff like code.
 */
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { AdRequest } from '../src/domain/ad-request.ts'
import { isAccept } from '../src/domain/decision.ts'
import { isFailure, Refusal } from '../src/domain/refusal.ts'
import type { AdapterContext, MediumAdapter, WireRequest } from '../src/media/adapter.ts'
import type { GoldenId } from './golden/canonical.ts'
import {
  canonicalOf,
  decisionFrom,
  goldenHasher,
  keysOf,
  keysOfIds,
  RecordingHasher,
  refusalFrom,
} from './golden/canonical.ts'
import type { GoldenFile, GoldenFixture } from './golden/fixture.ts'
import { bodyOf, encodeWithProtoc, hasProtoc, loadFixtures, saveFixture } from './golden/fixture.ts'
import { goldenSubjects } from './golden/subjects.ts'

const toUpdate = process.env['UPDATE_GOLDEN'] ?? ''
const isProtocHere = hasProtoc()

function contextWith(hasher: AdapterContext['hasher']): AdapterContext {
  return { hasher, cacheAcceptSeconds: 7_200, cacheRefuseSeconds: 14_400, cacheFailureSeconds: 0 }
}

function wireOf(adapter: MediumAdapter, fixture: GoldenFixture, body: Uint8Array): WireRequest {
  const headers = adapter.wantedHeaders.map((name) => fixture.headers?.[name] ?? '')
  return { body, headers, query: fixture.query ?? '' }
}

function decodeFresh(adapter: MediumAdapter, fixture: GoldenFixture) {
  const request = new AdRequest()
  request.medium = adapter.name
  request.receivedAtMs = fixture.receivedAtMs ?? 0
  const refusal = adapter.decode(wireOf(adapter, fixture, bodyOf(fixture)), request)
  return { refusal, request }
}

/** Rewrites the expectations of one fixture from what the code does now. */
function update(subject: (typeof goldenSubjects)[number], file: GoldenFile): void {
  const { fixture } = file
  if (fixture.encoder !== undefined && isProtocHere) fixture.bodyBase64 = encodeWithProtoc(file)
  const recorder = new RecordingHasher()
  const adapter = subject.create(contextWith(recorder))
  const { request, refusal } = decodeFresh(adapter, fixture)
  if (file.path.includes('hostile')) {
    fixture.refusal = Object.entries(Refusal).find(([, code]) => code === refusal)?.[0] ?? refusal
  } else {
    fixture.canonical = { ...canonicalOf(request), devices: [...recorder.ids] }
  }
  for (const golden of fixture.cases ?? []) {
    const bytes = adapter.encode(request, decisionFrom(golden.decision))
    golden.response = adapter.describeAnswer(bytes).message
    if (golden.responseBase64 !== undefined) {
      golden.responseBase64 = Buffer.from(bytes).toString('base64')
    }
  }
  saveFixture(file)
}

describe.each(goldenSubjects)('$name', (subject) => {
  const exemplary = loadFixtures(subject.folder, 'exemplary')
  const hostile = loadFixtures(subject.folder, 'hostile')
  const isUpdate = toUpdate === '1' || toUpdate === subject.name
  if (isUpdate) for (const file of [...exemplary, ...hostile]) update(subject, file)
  const adapter = subject.create(contextWith(goldenHasher))

  test('has exemplary and hostile fixtures, and cases', () => {
    expect(exemplary.length).toBeGreaterThan(0)
    expect(hostile.length).toBeGreaterThan(0)
    expect(exemplary.flatMap(({ fixture }) => fixture.cases ?? []).length).toBeGreaterThan(0)
  })

  test('carries the name it is registered under', () => {
    expect(adapter.name).toBe(subject.name)
  })

  test.each(exemplary)('reads $name', ({ fixture }) => {
    const { refusal, request } = decodeFresh(adapter, fixture)
    expect(refusal).toBe(Refusal.None)
    const { devices, ...expected } = fixture.canonical as { devices: GoldenId[] }
    expect(canonicalOf(request)).toEqual(expected)
    expect(keysOf(request.devices)).toEqual(keysOfIds(devices))
  })

  const cases = exemplary.flatMap(({ name, fixture }) =>
    (fixture.cases ?? []).map((golden, index) => ({ name, index, golden, fixture })),
  )
  test.each(cases)('answers $name, case $index', ({ golden, fixture }) => {
    const { request } = decodeFresh(adapter, fixture)
    const decision = decisionFrom(golden.decision)
    const bytes = adapter.encode(request, decision)
    const summary = adapter.describeAnswer(bytes)
    expect(summary.message).toEqual(golden.response)
    expect(summary.valid).toBe(true)
    if (golden.responseBase64 !== undefined) {
      expect(Buffer.from(bytes).toString('base64')).toBe(golden.responseBase64)
    }
    // What is no accept in our words must not be one in the medium's, and takes its status.
    if (!isAccept(decision)) expect(summary.accepted).toBe(false)
    const status = isAccept(decision) ? 200 : adapter.rules.refusalStatus
    expect(status).toBe(golden.status)
    expect(adapter.encode(request, decision)).toEqual(bytes)
  })

  test.each(hostile)('refuses $name with its number', ({ fixture }) => {
    const { refusal } = decodeFresh(adapter, fixture)
    expect(refusal).not.toBe(Refusal.None)
    expect(refusal).toBe(refusalFrom(fixture.refusal))
  })

  test.each([...exemplary, ...hostile])('leaves the bytes of $name as they were', ({ fixture }) => {
    const body = bodyOf(fixture)
    adapter.decode(wireOf(adapter, fixture, body), new AdRequest())
    expect(body).toEqual(bodyOf(fixture))
  })

  test.each([...exemplary, ...hostile])('reads $name twice alike', ({ fixture }) => {
    const first = decodeFresh(adapter, fixture)
    const request = first.request
    const before = [canonicalOf(request), keysOf(request.devices)]
    request.clear()
    const again = adapter.decode(wireOf(adapter, fixture, bodyOf(fixture)), request)
    expect(again).toBe(first.refusal)
    expect([canonicalOf(request), keysOf(request.devices)]).toEqual(before)
  })

  test('gives requests of one hidden class', () => {
    setFlagsFromString('--allow-natives-syntax')
    const haveSameMap = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (
      a: object,
      b: object,
    ) => boolean
    const requests = exemplary.map(({ fixture }) => decodeFresh(adapter, fixture).request)
    const [first] = requests
    for (const request of requests) {
      expect(haveSameMap(request, first!)).toBe(true)
      expect(haveSameMap(request.geo, first!.geo)).toBe(true)
      expect(haveSameMap(request.devices, first!.devices)).toBe(true)
    }
  })

  const reasons = Object.entries(Refusal).filter(([, code]) => code !== Refusal.None)
  test.each(reasons)('has valid refusal bytes for %s, the same each time', (_, reason) => {
    const bytes = adapter.refusal(reason)
    const summary = adapter.describeAnswer(bytes)
    expect(summary).toMatchObject({ valid: true, accepted: false, targetIds: [] })
    expect(adapter.refusal(reason)).toEqual(bytes)
    expect(isFailure(reason)).toBe(reason >= 200)
  })

  const isBinary = adapter.contentType(new AdRequest()).includes('protobuf')
  test.runIf(isBinary)('has bodies of an independent encoder, as its wire is binary', () => {
    const bodies = exemplary.filter(({ fixture }) => fixture.encoder !== undefined)
    expect(bodies.length).toBeGreaterThan(0)
    for (const { fixture } of bodies) expect(fixture.bodyBase64).toBeDefined()
  })

  const encoded = [...exemplary, ...hostile].filter(({ fixture }) => fixture.encoder !== undefined)
  test.runIf(isProtocHere && encoded.length > 0)('has the bodies protoc makes of its texts', () => {
    for (const file of encoded) expect(encodeWithProtoc(file)).toBe(file.fixture.bodyBase64)
  })
})

describe('the runner', () => {
  test('has media to test', () => {
    expect(goldenSubjects.length).toBeGreaterThan(0)
  })
})
