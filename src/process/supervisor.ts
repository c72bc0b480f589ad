/** `sluice start`: forks the roles, restarts what dies, drains everything on a signal. */
import type { Clock } from '../lib/clock.ts'
import type { ChildMessage } from './lifecycle.ts'
import { unusableExitCode } from './startup-error.ts'

/** A role with its stable number. */
export interface ChildRole {
  readonly role: 'decide' | 'project' | 'control'
  readonly index: number
}

/** The part of `ChildProcess` the supervisor uses. */
export interface Child {
  on(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown
  on(event: 'message', listener: (message: unknown) => void): unknown
  kill(signal: 'SIGTERM' | 'SIGKILL'): unknown
}

/** What the supervisor works with; `main.ts` gives it the real machine. */
export interface SupervisorDeps {
  readonly workers: number
  readonly fork: (role: ChildRole) => Child
  readonly clock: Clock
  readonly after: (ms: number, run: () => void) => void
  /** Told once, when every role listens (or works) for the first time. */
  readonly onListening: (places: ReadonlyMap<ChildRole['role'], string>, firstKey: string) => void
  /** Something a person should know. */
  readonly onNote: (note: string) => void
  /** Seconds that children have to drain; then they are killed. */
  readonly drainSeconds: number
}

/** First delay before a restart; doubled each time up to the last one. */
const restartMsMin = 100
const restartMsMax = 5_000
/** A child that lived this long was well: its next restart is quick again. */
const wellAfterMs = 10_000
/** Kept of the drain seconds for killing what did not end, and for exiting. */
const killReserveMs = 150

interface Post {
  readonly role: ChildRole
  child: Child | null
  startedAtMs: number
  delayMs: number
}

/** Keeps one process a post alive until told to stop. */
export class Supervisor {
  readonly #deps: SupervisorDeps
  readonly #posts: readonly Post[]
  readonly #places = new Map<ChildRole['role'], string>()
  readonly #listening = new Set<Post>()
  #firstKey = ''
  #isAnnounced = false
  #isStopping = false
  #exitCode = 0
  #resolve: (code: number) => void = () => undefined

  constructor(deps: SupervisorDeps) {
    this.#deps = deps
    const roles: ChildRole[] = [
      { role: 'control', index: 0 },
      { role: 'project', index: 0 },
    ]
    for (let index = 0; index < deps.workers; index++) roles.push({ role: 'decide', index })
    this.#posts = roles.map((role) => ({
      role,
      child: null,
      startedAtMs: 0,
      delayMs: restartMsMin,
    }))
  }

  /** Starts every role. Resolves with the exit code once all have ended after `stop`. */
  run(): Promise<number> {
    return new Promise((resolve) => {
      this.#resolve = resolve
      for (const post of this.#posts) this.#start(post)
    })
  }

  /** Asks every child to drain, and kills what has not ended in time. */
  stop(): void {
    if (this.#isStopping) return
    this.#isStopping = true
    for (const { child } of this.#posts) child?.kill('SIGTERM')
    this.#deps.after(this.#deps.drainSeconds * 1000 - killReserveMs, () => {
      for (const { child } of this.#posts) child?.kill('SIGKILL')
    })
    this.#endIfAllEnded()
  }

  #start(post: Post): void {
    if (this.#isStopping) return
    const child = this.#deps.fork(post.role)
    post.child = child
    post.startedAtMs = this.#deps.clock.monotonicMs()
    child.on('message', (message) => this.#hear(post, message as ChildMessage))
    child.on('exit', (code, signal) => this.#ended(post, code, signal))
  }

  #hear(post: Post, message: ChildMessage): void {
    if (message.kind === 'firstKey') this.#firstKey = message.key
    if (message.kind === 'firstKey') return
    if (message.kind === 'listening') {
      this.#places.set(post.role.role, `${message.host}:${message.port}`)
    }
    this.#listening.add(post)
    if (this.#isAnnounced || this.#listening.size < this.#posts.length) return
    this.#isAnnounced = true
    this.#deps.onListening(this.#places, this.#firstKey)
  }

  #ended(post: Post, code: number | null, signal: string | null): void {
    post.child = null
    if (this.#isStopping) {
      this.#endIfAllEnded()
      return
    }
    const { clock, after, onNote } = this.#deps
    const name = `${post.role.role} ${post.role.index}`
    if (code === unusableExitCode) {
      onNote(`${name} cannot start; see its message above`)
      this.#exitCode = unusableExitCode
      this.stop()
      return
    }
    if (clock.monotonicMs() - post.startedAtMs >= wellAfterMs) post.delayMs = restartMsMin
    onNote(`${name} ended (${signal ?? `code ${code}`}); starting it again in ${post.delayMs} ms`)
    after(post.delayMs, () => this.#start(post))
    post.delayMs = Math.min(restartMsMax, post.delayMs * 2)
  }

  #endIfAllEnded(): void {
    if (this.#posts.every((post) => post.child === null)) this.#resolve(this.#exitCode)
  }
}
