/**
 * The echo that Sluice on LMDB is held against: uWebSockets.js alone, a fixed answer after the
 * whole body; and the same for calls without a body.
 */
import uWS from 'uWebSockets.js'

/** A listening peer. */
export interface Peer {
  readonly port: number
  close(): void
}

/** Starts a peer that answers every GET with 204, on a free loopback port. */
export function startNoContent(): Promise<Peer> {
  const app = uWS.App()
  app.get('/*', (response) => {
    response.cork(() => response.writeStatus('204 No Content').endWithoutBody())
  })
  return listen(app)
}

/** Starts the echo on a free loopback port; every POST gets `answer` once its body is complete. */
export function startBare(answer: Uint8Array): Promise<Peer> {
  const app = uWS.App()
  app.post('/*', (response) => {
    let aborted = false
    response.onAborted(() => {
      aborted = true
    })
    response.onData((_chunk, isLast) => {
      if (!isLast || aborted) return
      response.cork(() => {
        response.writeHeader('Content-Type', 'application/x-protobuf').end(answer)
      })
    })
  })
  return listen(app)
}

/** Listens on a free loopback port. */
export function listen(app: uWS.TemplatedApp): Promise<Peer> {
  return new Promise((resolve, reject) => {
    app.listen('127.0.0.1', 0, (socket) => {
      if (socket === false) reject(new Error('no free port'))
      else resolve({ port: uWS.us_socket_local_port(socket), close: () => app.close() })
    })
  })
}
