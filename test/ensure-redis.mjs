/**
 * Makes sure that `redis-server` and `redis-cli` can be run, because the store suites test against
 * real servers. Installs the Debian package where that is possible, and says what to do elsewhere.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

const programs = ['redis-server', 'redis-cli']

if (!isThere()) {
  const isRoot = process.getuid?.() === 0
  if (!isRoot || !runs('apt-get', ['--version'])) fail('redis-server is not installed')
  console.log('redis-server is missing: installing it with apt-get')
  if (!install()) fail('apt-get could not install redis-server')
  if (!isThere()) fail('apt-get installed redis-server, but it is not on the PATH')
}

function isThere() {
  return programs.every((program) => runs(program, ['--version']))
}

/** Installs without starting a system service: tests start servers of their own. */
function install() {
  const policy = '/usr/sbin/policy-rc.d'
  // Debian asks this script whether a new service may start; 101 means no. One that is there stays.
  const isOurs = !existsSync(policy)
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return apt(['update']) && apt(['install', '-y', '--no-install-recommends', 'redis-server'])
  } finally {
    if (isOurs) rmSync(policy, { force: true })
  }
}

function apt(words) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', words, { stdio: 'inherit', env }).status === 0
}

function runs(program, words) {
  return spawnSync(program, words, { stdio: 'ignore' }).status === 0
}

function fail(what) {
  console.error(
    `${what}. The tests run against real Redis servers: install Redis 7 or later ` +
      '(Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis) and run again.',
  )
  process.exit(1)
}
