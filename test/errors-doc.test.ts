/** docs/errors.md lists exactly the refusals and error codes that exist. */
import { describe, expect, test } from 'vitest'
import { Refusal, refusalNames } from '../src/domain/refusal.ts'
import { type SourceFile, sourceFiles, sourceText } from './support/source-tree.ts'

/** `SLUICE_<ROOM>_<WHAT>`. */
const codePattern = /\bSLUICE_[A-Z]+(?:_[A-Z0-9]+)+\b/g

/**
 * Codes in these files. `config/` names settings too (`SLUICE_CONTROL_PORT`), which look alike: so
 * its own codes are `SLUICE_CONFIG_…`, and every other name in it is a setting wherever it occurs.
 */
function codesIn(files: readonly SourceFile[]): string[] {
  const product = files.filter(({ path }) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  const settings = new Set<string>()
  const names = new Set<string>()
  for (const { path, text } of product) {
    for (const [name] of text.matchAll(codePattern)) {
      const isSetting = path.startsWith('src/config/') && !name.startsWith('SLUICE_CONFIG_')
      if (isSetting) settings.add(name)
      else names.add(name)
    }
  }
  return [...names].filter((name) => !settings.has(name)).sort()
}

/** First cells of the rows of all tables, without code marks. */
function firstCells(markdown: string): string[] {
  return [...markdown.matchAll(/^\| *`?([^|`]+?)`? *\|/gm)].map((match) => match[1] ?? '')
}

const documented = sourceText('docs/errors.md')
const cells = firstCells(documented)

describe('docs/errors.md', () => {
  test('has one row for each refusal, under its name, and no other', () => {
    const rows = [...documented.matchAll(/^\| *(\d+) *\| *`([a-z-]+)` *\|/gm)]
    const listed = rows.map(([, number, name]) => `${number} ${name}`).sort()
    const real = Object.values(Refusal).map((number) => `${number} ${refusalNames.get(number)}`)
    expect(listed).toEqual(real.sort())
  })

  test('has one row for each code that occurs in src, and no other', () => {
    const listed = cells.filter((cell) => cell.startsWith('SLUICE_')).sort()
    expect(listed).toEqual(codesIn(sourceFiles('src')))
  })
})

describe('the guard itself', () => {
  test('finds codes in code and tells settings from them', () => {
    const files = [
      { path: 'src/config/load.ts', text: "env('SLUICE_CONTROL_PORT'), 'SLUICE_CONFIG_INVALID'" },
      { path: 'src/main.ts', text: "'SLUICE_CONTROL_PORT', 'SLUICE_STORE_SALT', SLUICE_PORT" },
      { path: 'src/store/a.test.ts', text: 'SLUICE_STORE_NEVER' },
    ]
    expect(codesIn(files)).toEqual(['SLUICE_CONFIG_INVALID', 'SLUICE_STORE_SALT'])
  })

  test('reads the first cell of a row', () => {
    expect(firstCells('| `SLUICE_A_B` | x |\n| 7 | y |')).toEqual(['SLUICE_A_B', '7'])
  })
})
