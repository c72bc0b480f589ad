import { expect, test } from 'vitest'
import { parseDescribedMedium } from './described-schema.ts'

const minimal = {
  name: 'made-up',
  request: { ids: [{ path: 'oaid', type: 'oaid' }] },
  answer: { accept: { ok: true, ids: '$targetIds' }, refuse: { ok: false } },
}
const click = [{ name: 'x', macro: '__X__', meaning: 'clickId' }]

function parse(monitor: unknown) {
  return parseDescribedMedium({ ...minimal, monitor })
}

/** Paths of the problems. */
function problemsOf(monitor: unknown): string[] {
  const result = parse(monitor)
  return result.ok ? [] : result.problems.map(({ path }) => path)
}

test('a medium without links has none; one with them gets every default', () => {
  expect(parseDescribedMedium(minimal)).toMatchObject({ ok: true, medium: { monitor: null } })
  const result = parse({ click })
  expect(result.ok && result.medium.monitor).toEqual({
    name: 'made-up',
    ...{ timeUnit: 'ms', valueUnit: null, sender: 'medium', keeps: 'clickId', suffix: '' },
    ...{ linkCharsMax: 10_000, needsDomain: false, needsHttps: false, notes: [] },
    links: { imp: null, click, conv: null },
  })
})

test.each<[string, unknown, string[]]>([
  ['an unknown key', { click, clicks: [] }, ['monitor']],
  ['a unit that is none', { click, timeUnit: 'us' }, ['monitor.timeUnit']],
  ['an empty list', { click: [] }, ['monitor.click']],
  [
    'a name of ours',
    { click: [{ name: 's', macro: '__X__', meaning: 'ip' }] },
    ['monitor.click.0.name'],
  ],
  ['a name twice', { imp: [...click, ...click] }, ['monitor.imp.1.name']],
  [
    'a macro that ends the parameter',
    { conv: [{ name: 'x', macro: '{a}&b', meaning: 'ip' }] },
    ['monitor.conv.0.macro'],
  ],
  [
    'an id that needs a scope',
    { click: [{ name: 'x', macro: '__X__', meaning: 'openid' }] },
    ['monitor.click.0.meaning'],
  ],
  [
    'a meaning that is none',
    { click: [{ name: 'x', macro: '__X__', meaning: 'oaid_MD5' }] },
    ['monitor.click.0.meaning'],
  ],
  ['a suffix that is no query', { click, suffix: 'a#b' }, ['monitor.suffix']],
])('%s is refused by its path', (_what, monitor, paths) => {
  expect(problemsOf(monitor)).toEqual(paths)
})

test('every id type without scope, and CAIDs, may be meant', () => {
  for (const meaning of ['oaid', 'imei_md5', 'gaid', 'caid', 'caid_md5', 'muid', 'value']) {
    expect(problemsOf({ click: [{ name: 'x', macro: '{x}', meaning }] })).toEqual([])
  }
})
