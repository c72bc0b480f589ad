/**
 * Finds and parses our .proto files, for the full decoders of tools and tests; never the hot path.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

/** Folders we climb from this module to the package root: src/media or dist/src/media, plus one. */
const climbMax = 5

/**
 * Parses `proto/<file>` of the package and returns its message type `name` (with package).
 * Works from the sources and from `dist`. Throws when the file or the type is missing: a broken
 * installation.
 */
export function loadProtoType(file: string, name: string): protobuf.Type {
  const text = readFileSync(join(protoFolder(), file), 'utf8')
  // Field names stay as the wire tables spell them, so that fixtures read like the facts.
  return protobuf.parse(text, { keepCase: true }).root.lookupType(name)
}

/**
 * Decodes `bytes` in full into plain JSON (64-bit numbers as text, enums by name, absent fields
 * left out), or null where they are no message of the type.
 */
export function decodeToJson(type: protobuf.Type, bytes: Uint8Array): object | null {
  try {
    return type.toObject(type.decode(bytes), {
      longs: String,
      enums: String,
      bytes: String,
      json: true,
    })
  } catch {
    return null
  }
}

/** The package's folder of .proto files. */
export function protoFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  for (let climbed = 0; climbed < climbMax; climbed++) {
    const candidate = join(folder, 'proto')
    if (existsSync(join(folder, 'package.json')) && existsSync(candidate)) return candidate
    folder = dirname(folder)
  }
  throw new Error('the proto folder of the package is missing')
}
