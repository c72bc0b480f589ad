/** Builds the program as `npm run build` does, into a folder of the tests' own. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** Compiles `src` and answers the path of the CLI; throws with the compiler's words. */
export function buildForTest(): string {
  // Inside the package, so that imports of packages resolve; the folder is nobody else's.
  const folder = path.join(root, 'node_modules/.cache/sluice-end-to-end')
  mkdirSync(folder, { recursive: true })
  copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'))
  if (!existsSync(path.join(folder, 'proto'))) {
    symlinkSync(path.join(root, 'proto'), path.join(folder, 'proto'))
  }
  const compiler = path.join(root, 'node_modules/.bin/tsc')
  const project = path.join(root, 'tsconfig.build.json')
  execFileSync(compiler, ['-p', project, '--outDir', path.join(folder, 'dist')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return path.join(folder, 'dist/src/main.js')
}
