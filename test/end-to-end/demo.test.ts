/** `npm run demo`, as built, with the models that ship: every answer as the story has it. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runDemo } from '../../src/cli/demo.ts'
import { buildForTest } from '../support/build-for-test.ts'

/** Half a minute on an idle machine; only a guard against hanging. */
const demoMs = 300_000

const modelsFolder = fileURLToPath(new URL('../../models', import.meta.url))

test(
  'shows stage counts, scores and explained decisions for RTA and OpenRTB, without a surprise',
  async () => {
    let text = ''
    const write = (part: string): void => {
      text += part
    }
    const mainFile = buildForTest()
    const code = await runDemo({ mainFile, modelsFolder, write, isColoured: false })
    expect(text).not.toContain('This is not what the story expects')
    expect(text).toMatch(/All \d+ answers were as they should be/)
    expect(code).toBe(0)
    // OpenRTB: the stages of a bid, what each model said, and the truth beside it.
    expect(text).toMatch(
      /\d+ campaigns eligible → \d+ creatives recalled → \d+ coarse-ranked → \d+/,
    )
    expect(text).toMatch(/creative +prior +coarse +fine +true/)
    expect(text).toMatch(/by fine: world-coarse@\S+, world-fine@\S+/)
    expect(text).toMatch(/by prior \(model-missing\)/)
    // RTA: a phone that takes part by its score, and one that is explained why it does not.
    expect(text).toMatch(/✓ takes part, at \d+(\.\d+)? times the normal bid/)
    expect(text).toMatch(/market-offers: worth .* is asked for: too little/)
  },
  demoMs,
)
