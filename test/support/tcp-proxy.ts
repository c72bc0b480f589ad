/** A TCP proxy on loopback that makes network faults on command. */
import { connect, createServer, type Server, type Socket } from 'node:net'

/** `stall`: bytes wait in the sockets. `halfOpen`: bytes are swallowed. `refuse`: reset at once. */
type Mode = 'pass' | 'stall' | 'halfOpen' | 'refuse'

/** Stands between a client and `127.0.0.1:targetPort`. All faults hold until `resume`. */
export class TcpProxy {
  /** Port that clients connect to. */
  port = 0
  /** Connections taken so far, also those that were cut. */
  accepted = 0
  readonly #server: Server
  readonly #pairs = new Set<readonly [client: Socket, target: Socket]>()
  readonly #targetPort: number
  #mode: Mode = 'pass'
  #delayMs = 0

  private constructor(targetPort: number) {
    this.#targetPort = targetPort
    this.#server = createServer((client) => this.#accept(client))
  }

  /** Starts a proxy before a port of this machine. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject)
      proxy.#server.listen(0, '127.0.0.1', resolve)
    })
    const address = proxy.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    proxy.port = address.port
    return proxy
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#pairs.size
  }

  /** Holds every chunk back for `ms`, each way; order is kept. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  /** Stops forwarding: bytes wait in the sockets and arrive after `resume`. */
  stall(): void {
    this.#setMode('stall')
  }

  /** Swallows bytes both ways without closing anything, as a firewall that forgot the flow does. */
  halfOpen(): void {
    this.#setMode('halfOpen')
  }

  /** Resets all connections; new ones pass. */
  cut(): void {
    for (const [client, target] of this.#pairs) {
      client.resetAndDestroy()
      target.resetAndDestroy()
    }
    this.#pairs.clear()
  }

  /** Resets all connections and every new one, as a machine with nothing on the port. */
  refuse(): void {
    this.#setMode('refuse')
    this.cut()
  }

  /** Ends every fault. What `halfOpen` swallowed stays lost. */
  resume(): void {
    this.#delayMs = 0
    this.#setMode('pass')
  }

  /** Cuts everything and frees the port. */
  async stop(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #setMode(mode: Mode): void {
    this.#mode = mode
    for (const pair of this.#pairs) {
      for (const socket of pair) {
        if (mode === 'stall') socket.pause()
        else socket.resume()
      }
    }
  }

  #accept(client: Socket): void {
    this.accepted++
    if (this.#mode === 'refuse') {
      client.resetAndDestroy()
      return
    }
    const target = connect(this.#targetPort, '127.0.0.1')
    const pair = [client, target] as const
    this.#pairs.add(pair)
    const drop = (): void => {
      this.#pairs.delete(pair)
      client.destroy()
      target.destroy()
    }
    for (const [from, to] of [pair, [target, client] as const]) {
      from.setNoDelay(true)
      from.on('data', (chunk: Buffer) => this.#forward(chunk, to))
      from.on('error', drop)
      from.on('close', drop)
      if (this.#mode === 'stall') from.pause()
    }
  }

  #forward(chunk: Buffer, to: Socket): void {
    if (this.#mode === 'halfOpen') return
    if (this.#delayMs === 0) to.write(chunk)
    // Timers of one length fire in the order they were set, so the bytes stay in order.
    else setTimeout(() => !to.destroyed && to.write(chunk), this.#delayMs)
  }
}
