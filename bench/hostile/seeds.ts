/** Real requests of each medium: what the mutations start from. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { buildRequest } from '../../src/cli/build-request.ts'
import type { RequestOptions } from '../../src/cli/request-options.ts'
import { parseDescribedMedium } from '../../src/config/described-schema.ts'
import { DeviceHasher } from '../../src/identity/device-hasher.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { MediumAdapter } from '../../src/media/adapter.ts'
import { createDescribedAdapter } from '../../src/media/described/adapter.ts'
import { protoFolder } from '../../src/media/proto-root.ts'
import { builtInMedia, createAdapters } from '../../src/media/registry.ts'
import { worldRequests } from '../data/rta-world.ts'

const devices: readonly RequestOptions[] = [
  {
    oaid: '3f2a9c1d5b7e8a60',
    imei: '860000000000017',
    androidId: '9774d56d682e549c',
    os: 'android',
  },
  { idfa: '6D92078A-8246-4BA4-AE5B-76104861E7DC', caid: ['20230330:9b7c4f', '20250325:1a2b3c'] },
  { openid: 'wx0123456789abcdef:oAbCdEfGhIjKlMn', os: 'ios', experiment: ['1', '200', '70000'] },
  { oaidMd5: 'd41d8cd98f00b204e9800998ecf8427e', ip: '2001:db8::1', test: true },
]

const rtaId = ['1', '880002', '9007199254740993', '9223372036854775807']

/** One supply of hostile bodies: an adapter, and the real requests to start from. */
export interface Storm {
  /** Medium and wire, as reports name them. */
  readonly name: string
  readonly adapter: MediumAdapter
  readonly seeds: readonly Uint8Array[]
  readonly contentType: string
  /** Made of configuration only, so a server knows it only when configured. */
  readonly isDescribed: boolean
}

const protobufType = 'application/x-protobuf'
const jsonType = 'application/json'

/** Every wire that Sluice reads: the built-in media, our own JSON, and the described examples. */
export function storms(): Storm[] {
  const all: Storm[] = []
  for (const adapter of builtInAdapters()) {
    const { name } = adapter
    const isDescribed = false
    all.push({ name, adapter, seeds: protobufSeeds(name), contentType: protobufType, isDescribed })
    if (name !== 'sluice') continue
    all.push({
      name: 'sluice JSON',
      adapter,
      seeds: jsonSeeds(),
      contentType: jsonType,
      isDescribed,
    })
  }
  for (const example of ['kuaishou-style', 'qutoutiao-style']) {
    const seeds = goldenBodies(example)
    // No mutation leaves a signature right; without the check the bytes reach the reader behind it.
    for (const isSigned of [true, false]) {
      const name = isSigned ? example : `${example}, signature not checked`
      const adapter = describedAdapter(example, isSigned)
      all.push({ name, adapter, seeds, contentType: jsonType, isDescribed: true })
    }
  }
  return all
}

function protobufSeeds(medium: string): Uint8Array[] {
  const bodies = devices.map((device) => buildRequest(medium, { ...device, rtaId }).body)
  if (medium === 'tencent') {
    const world = worldRequests({ devices: 1_000, requestDevices: 40 })
    for (const { body } of world) bodies.push(body)
  }
  return bodies
}

/** Our own message in the JSON mapping of protobuf, with the names of the .proto file. */
function jsonSeeds(): Uint8Array[] {
  return devices.map((device) =>
    Buffer.from(JSON.stringify(buildRequest('sluice', { ...device, rtaId }).message)),
  )
}

const context = {
  hasher: new DeviceHasher(new Uint8Array(16).fill(7)),
  cacheAcceptSeconds: 3_600,
  cacheRefuseSeconds: 3_600,
  cacheFailureSeconds: 60,
  clock: systemClock,
}

function builtInAdapters(): MediumAdapter[] {
  const media = Object.keys(builtInMedia).map((name) => ({ name, context }))
  return [...createAdapters(media).values()]
}

const describedFolder = path.join(protoFolder(), '../src/media/described')

function describedAdapter(example: string, isSigned: boolean): MediumAdapter {
  const text = readFileSync(path.join(describedFolder, 'examples', `${example}.json`), 'utf8')
  const parsed = parseDescribedMedium(JSON.parse(text))
  if (!parsed.ok) throw new Error(`the example ${example} is refused: ${JSON.stringify(parsed)}`)
  const { medium } = parsed
  return createDescribedAdapter(isSigned ? medium : { ...medium, signature: null }, context)
}

/** Bodies of the example's fixtures. */
function goldenBodies(example: string): Uint8Array[] {
  const folder = path.join(describedFolder, 'golden', example, 'exemplary')
  return readdirSync(folder).map((file) => {
    const text = readFileSync(path.join(folder, file), 'utf8')
    const { body, bodyText } = JSON.parse(text) as { body?: unknown; bodyText?: string }
    return Buffer.from(bodyText ?? JSON.stringify(body ?? {}))
  })
}
