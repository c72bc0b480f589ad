import { expect, test } from 'vitest'
import { languageList, languagesMax, mimeList, mimesMax } from './text.ts'

test('lists that each creative or brand is compared with are looked at up to a limit', () => {
  const mimes = Array.from({ length: mimesMax + 1 }, (_, n) => `Video/x${n}`)
  expect(mimeList(mimes)).toHaveLength(mimesMax)
  expect(mimeList(mimes.slice(0, mimesMax)).at(-1)).toBe(`video/x${mimesMax - 1}`)
  const languages = Array.from({ length: languagesMax + 1 }, (_, n) => `a${n}_B`)
  expect(languageList(languages)).toHaveLength(languagesMax)
  expect(languageList(['en_US'])).toEqual(['en-us'])
})
