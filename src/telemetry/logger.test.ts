import { expect, test } from 'vitest'
import { createLogger, redactedFields } from './logger.ts'

test('no redacted field shows its value, at the top or one level down', () => {
  let text = ''
  const log = createLogger(
    'info',
    { role: 'decide', worker: 1 },
    {
      write: (line: string) => {
        text += line
      },
    },
  )
  for (const field of redactedFields) {
    log.info({ [field]: 'raw-device-id-1', request: { [field]: 'raw-device-id-2' } }, 'a line')
  }
  expect(text.trim().split('\n')).toHaveLength(redactedFields.length)
  expect(text).not.toContain('raw-device-id')
  expect(text).toContain('"worker":1')
})
