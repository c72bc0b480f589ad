/** Commands to the server of a slot, over the pipes; redirections and new servers are followed. */
import type { StoreMeter } from '../ports.ts'
import { StoreError } from '../store-error.ts'
import { isNamed, type RedisNodes } from './redis-nodes.ts'
import { ReplyKind, type RespReply } from './resp-parser.ts'
import { type ReplyHandler, type RespPipe, respText } from './resp-pipe.ts'

/** An argument: ASCII text, or bytes. */
export type Word = string | Uint8Array

/** One command to whoever serves its slot. */
export interface SlotCommand {
  readonly slot: number
  readonly words: readonly Word[]
  /** Takes any reply but an error, synchronously. Throws when it has another shape. */
  take(reply: RespReply): void
  /** Told once instead: SLUICE_STORE_NOT_CONNECTED (no answer), SLUICE_STORE_REPLY (an error). */
  fail(error: StoreError): void
}

/** Redirections of one command: two nodes that point at one another must end. */
const redirectsMax = 5

/** Commands of one wave: less than half of what one connection has room for. */
const waveCommands = 4_096

const asking = Buffer.from('*1\r\n$6\r\nASKING\r\n')
const ignored: ReplyHandler = { reply: () => undefined, lost: () => undefined }

/** Sends commands. `library`: the source of the functions that they call. */
export class RedisCommands {
  readonly nodes: RedisNodes
  readonly meter: StoreMeter
  readonly #load: Buffer
  /** Servers to which the library is on its way. */
  readonly #loading = new Set<RespPipe>()

  constructor(nodes: RedisNodes, meter: StoreMeter, library: string) {
    this.nodes = nodes
    this.meter = meter
    this.#load = Buffer.from(respText(['FUNCTION', 'LOAD', 'REPLACE', library]))
  }

  /** Sends a command with what else is sent in this turn of the loop. */
  send(command: SlotCommand): void {
    new Attempt(command, this).send(this.nodes.pipeOfSlot(command.slot))
  }

  /** Resolves with what `read` makes of the reply; rejects with the errors of `SlotCommand`. */
  ask<T>(slot: number, words: readonly Word[], read: (reply: RespReply) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const take = (reply: RespReply): void => resolve(read(reply))
      this.send({ slot, words, take, fail: reject })
    })
  }

  /** Asks for many in one trip (a few thousand each); one outcome for each, errors included. */
  async askAll<T>(
    asked: readonly (readonly [slot: number, words: readonly Word[]])[],
    read: (reply: RespReply) => T,
  ): Promise<(T | StoreError)[]> {
    const outcomes: (T | StoreError)[] = []
    for (let from = 0; from < asked.length; from += waveCommands) {
      const wave = asked.slice(from, from + waveCommands)
      outcomes.push(...(await this.#wave(wave, read)))
    }
    return outcomes
  }

  /** Gives every server the library, as far as they are connected. */
  loadLibrary(): void {
    for (const pipe of this.nodes.servers()) this.loadInto(pipe)
  }

  /** Sends the library ahead of what is sent to this server next. */
  loadInto(pipe: RespPipe): void {
    if (this.#loading.has(pipe)) return
    const done = (): unknown => this.#loading.delete(pipe)
    const handler: ReplyHandler = {
      reply: (_tag, reply) => {
        if (reply.kind === ReplyKind.Error) this.meter.error('redis-function')
        done()
      },
      lost: done,
    }
    if (!pipe.expect(handler, 0)) return
    this.#loading.add(pipe)
    pipe.out.ready(this.#load)
  }

  #wave<T>(
    wave: readonly (readonly [slot: number, words: readonly Word[]])[],
    read: (reply: RespReply) => T,
  ): Promise<(T | StoreError)[]> {
    return new Promise((resolve) => {
      const outcomes = new Array<T | StoreError>(wave.length)
      let waiting = wave.length
      const set = (index: number, outcome: T | StoreError): void => {
        outcomes[index] = outcome
        waiting--
        if (waiting === 0) resolve(outcomes)
      }
      for (const [index, [slot, words]] of wave.entries()) {
        const take = (reply: RespReply): void => set(index, read(reply))
        this.send({ slot, words, take, fail: (error) => set(index, error) })
      }
    })
  }
}

/** One command until its reply, over all redirections. */
class Attempt implements ReplyHandler {
  readonly #command: SlotCommand
  readonly #commands: RedisCommands
  #pipe: RespPipe | null = null
  #redirects = redirectsMax

  constructor(command: SlotCommand, commands: RedisCommands) {
    this.#command = command
    this.#commands = commands
  }

  send(pipe: RespPipe | null): void {
    this.#pipe = pipe
    if (pipe === null || !pipe.expect(this, 0)) {
      this.lost()
      return
    }
    const { words } = this.#command
    const out = pipe.out.command(words.length)
    for (const word of words) {
      if (typeof word === 'string') out.text(word)
      else out.bytes(word, 0, word.length)
    }
  }

  reply(_tag: number, reply: RespReply): void {
    if (reply.kind === ReplyKind.Error) {
      this.#refused(reply.text())
      return
    }
    try {
      this.#command.take(reply)
    } catch (error) {
      // Thrown on, it would end the process from inside of a socket's event.
      this.#commands.meter.error('redis-reply')
      this.#command.fail(new StoreError('SLUICE_STORE_REPLY', String(error)))
    }
  }

  lost(): void {
    this.#commands.meter.error('redis-not-connected')
    this.#command.fail(
      new StoreError('SLUICE_STORE_NOT_CONNECTED', 'the Redis server of a shard does not answer'),
    )
  }

  #refused(text: string): void {
    if (this.#redirects-- > 0 && this.#again(text)) return
    const { meter, nodes } = this.#commands
    if (/^(?:READONLY|MASTERDOWN|CLUSTERDOWN)/.test(text)) {
      // A fail-over: what we are connected to is no primary any more.
      meter.error('redis-failover')
      void nodes.refresh()
      this.#pipe?.reconnect()
    } else meter.error('redis-reply')
    this.#command.fail(new StoreError('SLUICE_STORE_REPLY', text))
  }

  /** Sends it once more where that helps: elsewhere, or after the library. */
  #again(text: string): boolean {
    const { meter, nodes } = this.#commands
    const pipe = this.#pipe
    if (pipe === null) return false
    if (text === 'ERR Function not found') {
      this.#commands.loadInto(pipe)
      this.send(pipe)
      return true
    }
    const [, kind, host, port] = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(text) ?? []
    if (kind === undefined) return false
    meter.error(kind === 'ASK' ? 'redis-ask' : 'redis-moved')
    if (kind === 'MOVED') void nodes.refresh()
    // A redirection without a host means the host that answered (cluster specification, MOVED).
    const next = nodes.pipeAt(isNamed(host) ? host : pipe.endpoint.host, Number(port))
    if (kind === 'ASK' && next.expect(ignored, 0)) next.out.ready(asking)
    this.send(next)
    return true
  }
}

/** All values, or throws the first error among them. */
export function valuesOf<T>(outcomes: readonly (T | StoreError)[]): T[] {
  return outcomes.map((outcome) => {
    if (outcome instanceof StoreError) throw outcome
    return outcome
  })
}
