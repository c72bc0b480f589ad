/** The table of rooms, executable: who may import whom, and where a package is at home. */
import { describe, expect, test } from 'vitest'
import {
  importsOf,
  type SourceFile,
  type SourceImport,
  sourceFiles,
} from './support/source-tree.ts'

/** What a room may import: everything of `value`, and `import type` only of `type`. */
interface RoomRule {
  readonly value: readonly string[]
  readonly type: readonly string[]
}

/** docs/decisions/0010-rooms.md says why. `main.ts` and `cli` may import everything. */
const rooms: Readonly<Record<string, RoomRule>> = {
  lib: { value: [], type: [] },
  domain: { value: ['lib'], type: [] },
  telemetry: { value: ['domain', 'lib'], type: [] },
  config: { value: ['domain'], type: [] },
  store: { value: ['lib'], type: ['config', 'telemetry'] },
  identity: { value: ['domain', 'lib'], type: [] },
  geo: { value: ['domain', 'lib'], type: [] },
  catalog: { value: ['domain', 'lib', 'store'], type: ['telemetry'] },
  audience: { value: ['domain', 'lib', 'store', 'identity'], type: ['telemetry'] },
  budget: { value: ['domain', 'lib', 'store'], type: ['telemetry'] },
  scoring: { value: ['domain', 'lib'], type: ['catalog', 'telemetry'] },
  decision: {
    value: ['domain', 'lib'],
    type: ['catalog', 'audience', 'budget', 'scoring', 'telemetry'],
  },
  media: { value: ['domain', 'lib', 'identity'], type: [] },
  feedback: { value: ['domain', 'lib', 'store', 'budget', 'audience'], type: ['telemetry'] },
  world: { value: ['domain', 'lib'], type: ['feedback'] },
  training: { value: ['domain', 'lib', 'scoring', 'feedback'], type: ['world'] },
  http: { value: ['domain', 'lib'], type: ['media', 'decision', 'feedback', 'telemetry'] },
  control: {
    value: [
      ...['domain', 'lib', 'store', 'identity', 'catalog', 'audience', 'budget', 'scoring'],
      ...['decision', 'media', 'feedback', 'telemetry', 'config'],
    ],
    type: [],
  },
}

/** Rooms that join the others: they may import all, and no room may import them. */
const joiners = ['main.ts', 'cli', 'process']

/** The only rooms that may name a package. Node's own modules are at home everywhere. */
const packageHomes: Readonly<Record<string, readonly string[]>> = {
  'uWebSockets.js': ['http'],
  ioredis: ['store'],
  lmdb: ['store'],
  'mmdb-lib': ['geo'],
  protobufjs: ['media', 'feedback'],
  'onnxruntime-node': ['scoring'],
  fastify: ['control'],
  '@fastify/swagger': ['control'],
  '@fastify/swagger-ui': ['control'],
  'fastify-type-provider-zod': ['control'],
  '@duckdb/node-api': ['control'],
  'prom-client': ['telemetry', 'control'],
  pino: ['telemetry'],
  zod: ['config', 'control'],
  commander: [],
}

/** Files of `media/` that know the media; the others are shared and must know none. */
const mediaRegistry = 'src/media/registry.ts'
/** All that another room may import of `media/`. */
const mediaDoors = [mediaRegistry, 'src/media/adapter.ts', 'src/media/bid-adapter.ts']

/** One sentence for each wrong arrow of these files; tests may import what they like. */
function wrongArrows(files: readonly SourceFile[]): string[] {
  const wrong: string[] = []
  for (const file of files) {
    if (!file.path.endsWith('.ts') || file.path.endsWith('.test.ts')) continue
    for (const found of importsOf(file)) {
      const reason = found.isPackage ? packageFault(file, found) : arrowFault(file, found)
      if (reason !== null) wrong.push(`${file.path} → ${found.target}: ${reason}`)
    }
    if (!joiners.includes(roomOf(file.path)) && rooms[roomOf(file.path)] === undefined) {
      wrong.push(`${file.path}: no room has this name`)
    }
  }
  return wrong
}

function packageFault(file: SourceFile, { target }: SourceImport): string | null {
  const room = roomOf(file.path)
  if (target.startsWith('node:') || joiners.includes(room)) return null
  const homes = packageHomes[target]
  if (homes === undefined) return 'a package without a home'
  return homes.includes(room) ? null : `its home is ${homes.join(', ') || joiners.join(', ')}`
}

function arrowFault(file: SourceFile, { target, isType }: SourceImport): string | null {
  const from = roomOf(file.path)
  const to = roomOf(target)
  if (from === 'media' && to === 'media') return mediaFault(file.path, target)
  if (from === to || joiners.includes(from)) return null
  if (!target.startsWith('src/')) return 'the product does not import from outside src'
  const rule = rooms[from] ?? { value: [], type: [] }
  if (rule.value.includes(to)) {
    const isInside = to === 'media' && !mediaDoors.includes(target)
    return isInside ? `only ${mediaDoors.join(' and ')} are its doors` : null
  }
  if (rule.type.includes(to)) return isType ? null : 'import type only'
  return `${from} may not know ${to}`
}

function mediaFault(path: string, target: string): string | null {
  const own = mediumOf(path)
  const other = mediumOf(target)
  if (other === null || other === own || path === mediaRegistry) return null
  return own === null ? 'shared files know no medium' : 'a medium never imports a sibling'
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function mediumOf(path: string): string | null {
  const parts = path.split('/')
  return parts.length > 3 ? (parts[2] ?? null) : null
}

describe('rooms', () => {
  const files = sourceFiles('src')

  test('the sources are found, with imports', () => {
    expect(files.length).toBeGreaterThan(20)
    expect(files.flatMap((file) => importsOf(file)).length).toBeGreaterThan(50)
  })

  test('no arrow is wrong', () => expect(wrongArrows(files)).toEqual([]))
})

describe('the guard itself', () => {
  test.each([
    ['src/lib/a.ts', "import { x } from '../domain/b.ts'", 'lib may not know domain'],
    ['src/domain/a.ts', "import type { X } from '../http/b.ts'", 'domain may not know http'],
    ['src/decision/a.ts', "import { X } from '../catalog/b.ts'", 'import type only'],
    ['src/decision/a.ts', "import { type X } from '../catalog/b.ts'", 'import type only'],
    ['src/decision/a.ts', "import {\n  X,\n  Y,\n} from '../catalog/b.ts'", 'import type only'],
    ['src/decision/a.ts', "export * from '../catalog/b.ts'", 'import type only'],
    ['src/decision/a.ts', "import '../catalog/b.ts'", 'import type only'],
    ['src/decision/a.ts', "const x = await import('../catalog/b.ts')", 'import type only'],
    ['src/media/a/x.ts', "import { X } from '../b/x.ts'", 'never imports a sibling'],
    ['src/media/a/x.ts', "import type { X } from '../b/x.ts'", 'never imports a sibling'],
    ['src/media/adapter.ts', "import { X } from './a/x.ts'", 'shared files know no medium'],
    ['src/control/a.ts', "import { X } from '../media/a/x.ts'", 'are its doors'],
    ['src/control/a.ts', "import { X } from '../http/b.ts'", 'control may not know http'],
    ['src/http/a.ts', "import { X } from '../cli/b.ts'", 'http may not know cli'],
    ['src/http/a.ts', "import { X } from '../main.ts'", 'http may not know main.ts'],
    ['src/http/a.ts', "import { X } from '../../test/b.ts'", 'outside src'],
    ['src/decision/a.ts', "import type { Redis } from 'ioredis'", 'its home is store'],
    ['src/decision/a.ts', "import { X } from '../geo/b.ts'", 'decision may not know geo'],
    ['src/decision/a.ts', "import { Reader } from 'mmdb-lib'", 'its home is geo'],
    ['src/feedback/a.ts', "import { App } from 'uWebSockets.js'", 'its home is http'],
    ['src/http/a.ts', "const u = createRequire(x)\nrequire('lmdb')", 'its home is store'],
    ['src/catalog/a.ts', "import { z } from 'zod/v4'", 'its home is config, control'],
    ['src/http/a.ts', "import x from '@fastify/swagger'", 'its home is control'],
    ['src/store/a.ts', "import { Command } from 'commander'", 'its home is main.ts, cli'],
    ['src/store/a.ts', "import x from 'left-pad'", 'without a home'],
    ['src/attic/a.ts', 'export const x = 1', 'no room has this name'],
  ])('%s with %s is red', (path, text, reason) => {
    expect(wrongArrows([{ path, text }]).join()).toContain(reason)
  })

  test.each([
    ['src/decision/a.ts', "import type { X } from '../catalog/b.ts'"],
    ['src/decision/a.ts', "import type {\n  X,\n} from '../catalog/b.ts'"],
    ['src/decision/a.ts', "/**\n * import { x } from '../catalog/b.ts'\n */"],
    ['src/media/a/x.ts', "import { X } from '../adapter.ts'\nimport { Y } from './z.ts'"],
    ['src/media/a/deep/x.ts', "import { X } from '../y.ts'"],
    ['src/media/registry.ts', "import { X } from './a/x.ts'"],
    ['src/control/a.ts', "import { X } from '../media/registry.ts'"],
    ['src/main.ts', "import { X } from './http/b.ts'\nimport { Redis } from 'ioredis'"],
    ['src/cli/a.ts', "import { X } from '../media/a/x.ts'"],
    ['src/decision/a.test.ts', "import { X } from '../catalog/b.ts'"],
    ['src/lib/a.ts', "import { x } from 'node:fs'"],
  ])('%s with %s is fine', (path, text) => {
    expect(wrongArrows([{ path, text }])).toEqual([])
  })
})
