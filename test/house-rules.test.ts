/** House rules that a regular expression can see. Each names what to do instead. */
import { describe, expect, test } from 'vitest'
import { type SourceFile, sourceFiles, withoutComments } from './support/source-tree.ts'

interface HouseRule {
  readonly about: string
  readonly instead: string
  /** Where the rule holds. */
  readonly where: (path: string) => boolean
  /** The first offence in the file as text, or null. */
  readonly offence: (file: SourceFile) => string | null
  /** A file that breaks the rule, and one beside it that does not. */
  readonly bad: SourceFile
  readonly good: SourceFile
}

const lineCharsMax = 100

const isScript = (path: string): boolean => /\.(ts|mjs)$/.test(path)
const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.startsWith('test/')
const isProduct = (path: string): boolean =>
  path.startsWith('src/') && isScript(path) && !isTest(path)
const inDecision = (path: string): boolean => isProduct(path) && path.startsWith('src/decision/')
const isCheckedText = (path: string): boolean => isScript(path) || path.endsWith('.md')

/** Finds `pattern` in code, not in comments. */
function inCode(pattern: RegExp): (file: SourceFile) => string | null {
  return (file) => withoutComments(file.text).match(pattern)?.[0] ?? null
}

function file(path: string, text: string): SourceFile {
  return { path, text }
}

/** A literal that is longer than its line cannot be broken by any formatter: it counts as two quotes. */
function isTooLong(line: string): boolean {
  if (line.length <= lineCharsMax) return false
  const literal = /'(?:[^'\\]|\\.)*'|`[^`]*`|\/(?:[^/\\]|\\.)+\/[a-z]*/g
  return line.replace(literal, "''").length > lineCharsMax
}

/** Builds a word that this file, which obeys the rules too, may not contain. */
function word(...parts: readonly string[]): string {
  return parts.join('')
}

const rules: readonly HouseRule[] = [
  {
    about: `no line over ${lineCharsMax} characters`,
    instead: 'break it',
    where: isScript,
    offence: ({ text }) => text.split('\n').find(isTooLong) ?? null,
    bad: file('test/a.ts', `// ${'x'.repeat(lineCharsMax - 2)}`),
    good: file('test/a.ts', `// ${'x'.repeat(lineCharsMax - 3)}`),
  },
  {
    about: 'no unfinished work',
    instead: 'finish it, or open an issue',
    where: isCheckedText,
    offence: ({ text }) =>
      text.match(
        new RegExp(`\\b(${word('FIX', 'ME')}|${word('TO', 'DO')}|${word('XX', 'X')})\\b`),
      )?.[0] ?? null,
    bad: file('docs/a.md', `later (${word('TO', 'DO')})`),
    good: file('docs/a.md', 'what to do'),
  },
  {
    about: 'no path of one machine',
    instead: 'a path relative to the repository, or os.tmpdir()',
    where: (path) => isCheckedText(path) && path !== 'test/house-rules.test.ts',
    offence: ({ text }) =>
      text.match(/(?:\/work|\/home\/\w+|\/root|\/Users\/\w+)\/[\w.]+/)?.[0] ?? null,
    bad: file('docs/a.md', 'see /work/main'),
    good: file('docs/a.md', 'see network/main'),
  },
  {
    about: 'no clock but the injected one',
    instead: 'take a Clock (lib/clock.ts)',
    where: (path) => isProduct(path) && path !== 'src/lib/clock.ts',
    offence: inCode(/\b(?:Date\.now|performance\.now|process\.hrtime)\b|\bnew Date\(\)/),
    bad: file('src/http/a.ts', 'const at = performance.now()'),
    good: file('src/lib/clock.ts', 'const at = performance.now()'),
  },
  {
    about: 'no unseeded randomness',
    instead: 'inject Random (lib/random.ts), or node:crypto where it must not be guessed',
    where: (path) => isProduct(path) && path !== 'src/lib/random.ts',
    offence: inCode(/\bMath\.random\b/),
    bad: file('src/lib/a.ts', 'return Math.random() < rate'),
    good: file('src/lib/random.ts', 'return Math.random() < rate'),
  },
  {
    about: 'no environment outside config/',
    instead: 'take what you need from Config',
    where: (path) => isProduct(path) && !path.startsWith('src/config/'),
    offence: inCode(/\bprocess\.env\b|\{[^}]*\benv\b[^}]*\} = process\b/),
    bad: file('src/main.ts', 'load(process.env)'),
    good: file('src/config/load.ts', 'load(process.env)'),
  },
  {
    about: 'no console in the product',
    instead: 'the logger (telemetry), or process.stdout.write in cli/',
    where: isProduct,
    offence: inCode(/\bconsole\.\w+/),
    bad: file('src/main.ts', "console.log('up')"),
    good: file('src/main.ts', "stdout.write('up')"),
  },
  {
    about: 'no timers in decision/',
    instead: 'the deadline of the request, checked where time is spent',
    where: inDecision,
    offence: inCode(/\b(?:setTimeout|setInterval|setImmediate)\(/),
    bad: file('src/decision/a.ts', 'setTimeout(stop, 20)'),
    good: file('src/store/a.ts', 'setTimeout(stop, 20)'),
  },
  {
    about: 'no JSON in decision/',
    instead: 'numbers and slots; JSON is made at the edge',
    where: inDecision,
    offence: inCode(/\bJSON\.(?:stringify|parse)\(/),
    bad: file('src/decision/a.ts', 'JSON.stringify(plan)'),
    good: file('src/control/a.ts', 'JSON.stringify(plan)'),
  },
  {
    about: 'no sorting in decision/',
    instead: 'a bounded TopK (lib), or an order made when the snapshot compiles',
    where: inDecision,
    offence: inCode(/\.(?:sort|toSorted)\(/),
    bad: file('src/decision/a.ts', 'all.sort(byScore)'),
    good: file('src/catalog/a.ts', 'all.sort(byScore)'),
  },
  {
    about: 'no barrels',
    instead: 'import from the file that declares it',
    where: (path) => path.startsWith('src/'),
    offence: ({ path, text }) =>
      path.endsWith('/index.ts') ? path : (text.match(/^export \* from .*$/m)?.[0] ?? null),
    bad: file('src/lib/index.ts', "export { TopK } from './top-k.ts'"),
    good: file('src/lib/top-k.ts', 'export class TopK {}'),
  },
  {
    about: 'named exports only',
    instead: 'export it by its name',
    where: isProduct,
    offence: inCode(/^export default\b/m),
    bad: file('src/lib/a.ts', 'export default 1'),
    good: file('src/lib/a.ts', 'export const one = 1'),
  },
  {
    about: 'file names in kebab-case',
    instead: 'words-with-dashes.ts',
    where: (path) => /^(src|test|bench)\//.test(path) && isScript(path),
    offence: ({ path }) =>
      /\/[a-z0-9]+(-[a-z0-9]+)*(\.[a-z-]+)*\.(ts|mjs)$/.test(path) ? null : path,
    bad: file('src/lib/topK.ts', ''),
    good: file('src/lib/top-k.property.test.ts', ''),
  },
  {
    about: 'every file says in its first line what it is (a test is named after what it tests)',
    instead: 'a doc comment above the imports',
    where: (path) => /^(src|bench)\//.test(path) && isScript(path) && !isTest(path),
    offence: ({ text }) => (/^(?:\/\*\*|\/\/|#!)/.test(text) ? null : (text.split('\n')[0] ?? '')),
    bad: file('src/lib/a.ts', "import { x } from './x.ts'"),
    good: file('src/lib/a.ts', '/** The letter a. */'),
  },
  {
    about: 'no test that is left out or runs alone',
    instead: 'run it, or delete it',
    where: isTest,
    // `it` is a fair name of a reader as well, so it has to be called with a title.
    offence: inCode(/\b(?:test|describe)\.(?:only|skip|todo|fails)\b|\bit\.(?:only|skip|todo)\('/),
    bad: file('src/lib/a.test.ts', `test.${word('on', 'ly')}('x', () => {})`),
    good: file('src/lib/a.test.ts', "test('x', () => {})"),
  },
]

/** One sentence for each offence of these files. */
function offences(files: readonly SourceFile[], given: readonly HouseRule[] = rules): string[] {
  const found: string[] = []
  for (const rule of given) {
    for (const candidate of files) {
      if (candidate.path.endsWith('.generated.ts') || !rule.where(candidate.path)) continue
      const offence = rule.offence(candidate)
      if (offence !== null) {
        found.push(`${candidate.path}: ${offence.slice(0, 120)}: ${rule.about}; ${rule.instead}`)
      }
    }
  }
  return found
}

describe('house rules', () => {
  const files = sourceFiles('src', 'test', 'bench', 'docs')

  test('files of every folder are found', () => {
    for (const folder of ['src/domain/', 'test/support/', 'docs/']) {
      expect(files.some(({ path }) => path.startsWith(folder))).toBe(true)
    }
  })

  test.each(rules)('$about', (rule) => expect(offences(files, [rule])).toEqual([]))
})

describe('the guard itself', () => {
  test.each(rules)('$about: the bad file is red, the good one is not', ({ about, bad, good }) => {
    const rule = rules.filter((candidate) => candidate.about === about)
    expect(offences([bad], rule)).toHaveLength(1)
    expect(offences([good], rule)).toEqual([])
  })

  test('a comment may name what code may not call', () => {
    const comment = file(
      'src/http/a.ts',
      '/**\n * Not Date.now(): it jumps.\n */\n  // nor console.log\n',
    )
    expect(offences([comment])).toEqual([])
  })
})
