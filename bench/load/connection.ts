/** One keep-alive connection of the generator, with at most one request under way. */
import net from 'node:net'
import { ResponseParser } from './response-parser.ts'

/** Milliseconds between attempts to reach a server that is gone. */
const reopenDelayMs = 20

/** Bytes one read takes; all connections share the buffer, for reads are handled one at a time. */
const readBytes = 64 * 1024
const sharedRead = Buffer.allocUnsafeSlow(readBytes)

/** A connection and the request it carries. */
export class Connection {
  requestIndex = 0
  intendedMs = 0
  sentMs = 0
  /** The request was sent after the change under test had shown itself. */
  sentAfterFlip = false
  readonly parser = new ResponseParser()
  #busy = false
  #open = false
  #closing = false
  #socket: net.Socket | null = null
  readonly #host: string
  readonly #port: number
  readonly #onAnswer: (connection: Connection) => void
  readonly #onLost: (connection: Connection, wasBusy: boolean) => void

  /**
   * `onAnswer`: `parser` holds a whole answer. `onLost`: the connection ended, perhaps mid-request.
   */
  constructor(
    host: string,
    port: number,
    onAnswer: (connection: Connection) => void,
    onLost: (connection: Connection, wasBusy: boolean) => void,
  ) {
    this.#host = host
    this.#port = port
    this.#onAnswer = onAnswer
    this.#onLost = onLost
  }

  /** True when a request may be sent. */
  get usable(): boolean {
    return this.#open && !this.#busy
  }

  /** Resolves when connected; rejects when the server cannot be reached. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => this.#dial(resolve, reject))
  }

  /** Keeps trying until the server is back, then calls `whenOpen`. */
  reopen(whenOpen: () => void): void {
    if (this.#closing) return
    const retry = (): void => {
      setTimeout(() => this.reopen(whenOpen), reopenDelayMs)
    }
    this.#dial(whenOpen, retry)
  }

  send(wire: Buffer): void {
    this.#busy = true
    this.parser.reset()
    this.#socket?.write(wire)
  }

  close(): void {
    this.#closing = true
    this.#open = false
    this.#socket?.destroy()
  }

  #dial(onOpen: () => void, onFail: (error: Error) => void): void {
    let failed: Error = new Error('closed before it was open')
    const socket = net.connect({
      host: this.#host,
      port: this.#port,
      noDelay: true,
      onread: {
        buffer: sharedRead,
        callback: (length) => {
          if (socket === this.#socket) this.#read(length)
          return true
        },
      },
    })
    this.#socket = socket
    socket.once('connect', () => {
      this.#open = true
      onOpen()
    })
    socket.on('error', (error) => {
      failed = error
    })
    socket.once('close', () => {
      if (socket !== this.#socket || this.#closing) return
      if (!this.#open) onFail(failed)
      else this.#ended()
    })
    socket.once('end', () => socket.destroy())
  }

  #ended(): void {
    const wasBusy = this.#busy
    this.#open = false
    this.#busy = false
    this.#onLost(this, wasBusy)
  }

  #read(length: number): void {
    if (!this.#busy) {
      // An answer to nothing: the server's mistake; the connection is of no more use.
      this.#socket?.destroy()
      return
    }
    const { parser } = this
    const used = parser.feed(sharedRead, 0, length)
    if (!parser.ok) {
      this.#socket?.destroy()
      return
    }
    if (!parser.done) return
    this.#busy = false
    const isClean = used === length && !parser.willClose
    if (!isClean) this.#open = false
    this.#onAnswer(this)
    if (isClean) return
    this.#open = true
    this.#socket?.destroy()
  }
}
