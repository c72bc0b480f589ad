/** Golden fixtures: their format, their files, and the bytes of their bodies. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { protoFolder } from '../../src/media/proto-root.ts'

/** The independent encoder: the protobuf project's own compiler, where it is installed. */
const encoderCommand = 'protoc'

/** One case of a fixture: a decision given, the answer expected. */
interface GoldenCase {
  /** What this case shows, where one word is not enough. */
  about?: string
  /** Partial `RtaDecision`, see `decisionFrom`. */
  decision: Record<string, unknown>
  /** HTTP status of the answer. */
  status: number
  /** The wire message as `describeAnswer().message` prints it. */
  response?: unknown
  /** The exact bytes, where they matter. */
  responseBase64?: string
}

/**
 * One fixture file. The body is the first of `bodyBase64`, `bodyHex`, `bodyText`, `body` (as JSON)
 * that is there. With `encoder`, `bodyText` is the protobuf text form that an independent encoder
 * (protoc) turned into `bodyBase64`.
 */
export interface GoldenFixture {
  about: string
  source: string
  receivedAtMs?: number
  encoder?: {
    /** File in proto/, or beside the fixture. */
    proto: string
    message: string
  }
  body?: unknown
  bodyText?: string
  bodyBase64?: string
  bodyHex?: string
  headers?: Record<string, string>
  query?: string
  /** Expected request, see `canonicalOf`; exemplary fixtures only. */
  canonical?: unknown
  cases?: GoldenCase[]
  /** Hostile fixtures only: name or number of the expected refusal. */
  refusal?: string | number
}

/** A fixture with the place it came from. */
export interface GoldenFile {
  readonly name: string
  readonly path: string
  readonly fixture: GoldenFixture
}

/** The fixtures of `<folder>/<group>`, by file name; none when the folder does not exist. */
export function loadFixtures(folder: string, group: 'exemplary' | 'hostile'): GoldenFile[] {
  const directory = join(folder, group)
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const path = join(directory, file)
      const fixture = JSON.parse(readFileSync(path, 'utf8')) as GoldenFixture
      return { name: file.replace(/\.json$/, ''), path, fixture }
    })
}

/** Writes a fixture back, for `UPDATE_GOLDEN=1`. */
export function saveFixture(file: GoldenFile): void {
  writeFileSync(file.path, `${JSON.stringify(file.fixture, null, 2)}\n`)
}

/** The body's bytes, a fresh copy each time. */
export function bodyOf(fixture: GoldenFixture): Uint8Array {
  if (fixture.bodyBase64 !== undefined) return bytesOf(Buffer.from(fixture.bodyBase64, 'base64'))
  if (fixture.bodyHex !== undefined) {
    return bytesOf(Buffer.from(fixture.bodyHex.replace(/\s/g, ''), 'hex'))
  }
  if (fixture.bodyText !== undefined) return bytesOf(Buffer.from(fixture.bodyText))
  return bytesOf(Buffer.from(JSON.stringify(fixture.body ?? null)))
}

/** True when this machine has the independent encoder. */
export function hasProtoc(): boolean {
  try {
    execFileSync(encoderCommand, ['--version'])
    return true
  } catch {
    return false
  }
}

/** What protoc makes of the fixture's text form, as base64. */
export function encodeWithProtoc(file: GoldenFile): string {
  const { encoder, bodyText } = file.fixture
  if (encoder === undefined || bodyText === undefined) {
    throw new Error(`${file.path} needs "encoder" and "bodyText"`)
  }
  const beside = dirname(dirname(file.path))
  const folder = existsSync(join(beside, encoder.proto)) ? beside : protoFolder()
  const args = [`--proto_path=${folder}`, `--encode=${encoder.message}`, encoder.proto]
  return execFileSync(encoderCommand, args, { input: bodyText }).toString('base64')
}

function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer)
}
