import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { raiseHeadLimit } from './head-limit.ts'

const name = 'UWS_HTTP_MAX_HEADERS_SIZE'

/** Statuses of links of these lengths, from a server that reads this environment. */
const script = `
  const uWS = require('uWebSockets.js')
  const { get } = require('node:http')
  const app = uWS.App().any('/*', (response) => response.end())
  app.listen('127.0.0.1', 0, async (listener) => {
    const port = uWS.us_socket_local_port(listener)
    const statuses = []
    for (const length of [10000, 20000]) {
      const path = '/m?' + 'x'.repeat(length)
      statuses.push(await new Promise((resolve) => {
        get({ host: '127.0.0.1', port, path }, (answer) => resolve(answer.statusCode))
      }))
    }
    process.stdout.write(statuses.join())
    process.exit()
  })`

function statusesUnder(environment: NodeJS.ProcessEnv): string {
  return execFileSync(process.execPath, ['-e', script], { env: environment, encoding: 'utf8' })
}

describe('raiseHeadLimit', () => {
  test('lets links of 10 K in, which were too long before, and none of 20 K', () => {
    const environment = { PATH: process.env['PATH'] }
    expect(statusesUnder(environment)).toBe('431,431')
    raiseHeadLimit(environment)
    expect(statusesUnder(environment)).toBe('200,431')
  })

  test('leaves what the operator set', () => {
    const environment = { [name]: '8192' }
    raiseHeadLimit(environment)
    expect(environment[name]).toBe('8192')
  })
})
