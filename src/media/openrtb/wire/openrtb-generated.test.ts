/** The generated schema is what the .proto files say. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateOpenRtb } from '../../../../test/support/generate-openrtb.ts'
import { protoFolder } from '../../proto-root.ts'

const generatedFile = join(import.meta.dirname, 'openrtb.generated.ts')

function regenerated(): string {
  const read = (file: string): string => readFileSync(join(protoFolder(), file), 'utf8')
  return generateOpenRtb(read('openrtb.proto'), read('openrtb-google.proto'))
}

test('openrtb.generated.ts is what the generator makes of the .proto files', () => {
  const text = regenerated()
  // npm run generate:openrtb; the difference is reviewed like code.
  if (process.env['UPDATE_GENERATED'] === '1') writeFileSync(generatedFile, text)
  expect(readFileSync(generatedFile, 'utf8')).toBe(text)
})
