/** Programs of the tests that run as processes of their own: a test kills them. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
// Inside the package, so that imports of packages resolve.
const cache = path.join(root, 'node_modules/.cache')

/** A compiled program and how to throw it away. */
export interface CompiledChild {
  readonly file: string
  remove(): void
}

/** Compiles a file of the repository with all that it imports (Node 20 runs no TypeScript). */
export function compileChild(source: string): CompiledChild {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, 'sluice-child-'))
  const words = ['--ignoreConfig', '--target', 'es2023', '--module', 'nodenext', '--types', 'node']
  words.push('--skipLibCheck', '--strict', '--rewriteRelativeImportExtensions')
  words.push('--rootDir', root, '--outDir', folder, path.join(root, source))
  const tsc = path.join(root, 'node_modules/.bin/tsc')
  execFileSync(tsc, words, { cwd: root, stdio: 'pipe' })
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  return {
    file: path.join(folder, source.replace(/\.ts$/, '.js')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
