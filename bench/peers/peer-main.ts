/** A peer as a process of its own: takes its options over IPC, sends its port, stops when told. */
import { type Peer, startBare, startNoContent } from './bare.ts'
import { type FloorOptions, startFloor } from './floor.ts'

/** What the parent sends. `answer` is base64. */
export type PeerOrder =
  | { readonly kind: 'bare'; readonly answer: string }
  | { readonly kind: 'no-content' }
  | ({ readonly kind: 'floor'; readonly answer: string } & Omit<FloorOptions, 'answer'>)

function start(order: PeerOrder): Promise<Peer> {
  if (order.kind === 'no-content') return startNoContent()
  const answer = Buffer.from(order.answer, 'base64')
  return order.kind === 'bare' ? startBare(answer) : startFloor({ ...order, answer })
}

process.on('message', (order: PeerOrder) => {
  start(order).then(
    (peer) => {
      process.send?.({ port: peer.port })
      process.once('disconnect', () => peer.close())
    },
    (error: unknown) => {
      process.send?.({ error: String(error) })
      process.exitCode = 1
      process.disconnect()
    },
  )
})
