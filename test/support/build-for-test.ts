/** Builds the program as `npm run build` does, into a folder of the tests' own. */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
// Inside the package, so that imports of packages resolve; the folder is nobody else's.
const folder = path.join(root, 'node_modules/.cache/sluice-end-to-end')

/** A build takes some ten seconds; who holds the lock for longer has died. */
const lockMsMax = 180_000
const pollMs = 100

/**
 * Compiles `src` and answers the path of the CLI; throws with the compiler's words. Test files run
 * side by side: one builds, the others wait, and nobody builds again what has not changed.
 */
export function buildForTest(): string {
  mkdirSync(folder, { recursive: true })
  const lock = path.join(folder, 'lock')
  while (!tookLock(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs)
  try {
    buildIfChanged()
  } finally {
    rmdirSync(lock)
  }
  return path.join(folder, 'dist/src/main.js')
}

function tookLock(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return isLeftBehind(lock)
  }
}

function isLeftBehind(lock: string): boolean {
  const { mtimeMs = Number.POSITIVE_INFINITY } = statSync(lock, { throwIfNoEntry: false }) ?? {}
  return Date.now() - mtimeMs > lockMsMax
}

function buildIfChanged(): void {
  const stamp = path.join(folder, 'built-from')
  const sources = sourceTimes()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return
  copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'))
  if (!existsSync(path.join(folder, 'proto'))) {
    symlinkSync(path.join(root, 'proto'), path.join(folder, 'proto'))
  }
  const compiler = path.join(root, 'node_modules/.bin/tsc')
  const project = path.join(root, 'tsconfig.build.json')
  execFileSync(compiler, ['-p', project, '--outDir', path.join(folder, 'dist')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  writeFileSync(stamp, sources)
}

/** Every file that is compiled, with the moment of its last change. */
function sourceTimes(): string {
  const files = ['src', 'bench'].flatMap((room) =>
    readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => path.join(room, name)),
  )
  const others = ['package.json', 'tsconfig.json', 'tsconfig.build.json']
  return [...files, ...others]
    .sort()
    .map((name) => `${name} ${statSync(path.join(root, name)).mtimeMs}`)
    .join('\n')
}
