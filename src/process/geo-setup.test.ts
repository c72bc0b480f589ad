import { expect, test } from 'vitest'
import { loadConfig } from '../config/config.ts'
import { newGeoAnswer, noGeo } from '../domain/geo-port.ts'
import { createLogger } from '../telemetry/logger.ts'
import { setUpGeo } from './geo-setup.ts'
import { isUnusable, sentenceOf } from './startup-error.ts'

const log = createLogger('silent', { role: 'decide', worker: 0 })

test('without a file nobody knows where an address is', async () => {
  const { source, stop } = await setUpGeo(loadConfig({}), log)
  expect(source).toBe(noGeo)
  expect(source.lookup('81.2.69.142', newGeoAnswer())).toBe(false)
  stop()
})

test('a file that cannot be read stops the process for good, named with its code', async () => {
  const config = loadConfig({ SLUICE_GEO_MMDB: 'no/such/file.mmdb' })
  const refusal: unknown = await setUpGeo(config, log).catch((error: unknown) => error)
  expect(isUnusable(refusal)).toBe(true)
  expect(sentenceOf(refusal)).toMatch(/^SLUICE_GEO_FILE: no\/such\/file\.mmdb: ENOENT/)
})
