/** The repository as text: its files, and the imports of one. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One file; `path` is relative to the repository and has forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** One import or re-export of a file. */
export interface SourceImport {
  /** Path of the imported file in the repository, or the name of the package. */
  readonly target: string
  readonly isPackage: boolean
  /** True for `import type` and `export type`, of which nothing is left at run time. */
  readonly isType: boolean
}

const repository = fileURLToPath(new URL('../..', import.meta.url))
const binary = /\.(bin|png|ico|gz|onnx|parquet)$/

/** All text files under the folders (`src`, `docs` …) that exist, sorted by path. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  const files: SourceFile[] = []
  for (const folder of folders) {
    const entries = readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
    for (const entry of entries) {
      if (!entry.isFile() || binary.test(entry.name)) continue
      const absolute = join(entry.parentPath, entry.name)
      const path = absolute.slice(repository.length).replaceAll('\\', '/')
      files.push({ path, text: readFileSync(absolute, 'utf8') })
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** The text of one file of the repository. */
export function sourceText(path: string): string {
  return readFileSync(join(repository, path), 'utf8')
}

// Formatted sources begin a statement in the first column, where no comment or string does.
const staticImport = /^(?:import|export)\s+(type\s+(?!from\b))?(?:[^'"`;]*?\sfrom\s+)?'([^']+)'/gm
const dynamicImport = /\b(?:import|require|require\.resolve)\(\s*['"`]([^'"`]+)['"`]/g

/** Every import, re-export, dynamic import and `require` with a literal name. */
export function importsOf(file: SourceFile): SourceImport[] {
  const imports: SourceImport[] = []
  for (const match of file.text.matchAll(staticImport)) {
    imports.push(resolve(file.path, match[2] ?? '', match[1] !== undefined))
  }
  for (const match of withoutComments(file.text).matchAll(dynamicImport)) {
    imports.push(resolve(file.path, match[1] ?? '', false))
  }
  return imports
}

/** The text without lines that are comment only, so that prose may name what code may not call. */
export function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(?:\/\/|\/\*|\*).*$/gm, '')
}

function resolve(from: string, name: string, isType: boolean): SourceImport {
  if (name.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(from), name))
    return { target, isPackage: false, isType }
  }
  const parts = name.split('/')
  const target = name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? name)
  return { target, isPackage: true, isType }
}
