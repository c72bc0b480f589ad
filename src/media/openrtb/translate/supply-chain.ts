/** `source.schain` to its completeness and nodes (2.6 §3.2.25, §3.2.26). */
import type { BidRequest } from '../../../domain/bid-request.ts'
import type { OrtbSource } from '../wire/openrtb.generated.ts'
import { lowerOr, textOr } from './text.ts'

/** Nodes that are looked at; chains of more than ten sellers are not bought by anyone we know. */
export const nodesMax = 32

/**
 * A chain is complete when it says so and names its sellers. One without nodes, or longer than we
 * look at, is incomplete: what was not read cannot be vouched for.
 */
export function fillSupplyChain(request: BidRequest, source: OrtbSource | null): void {
  const chain = source === null ? null : source.schain
  if (chain === null) return
  const { nodes } = chain
  const isWhole = chain.complete === true && nodes.length > 0 && nodes.length <= nodesMax
  request.schainComplete = isWhole ? 1 : 0
  const names: string[] = []
  for (let i = 0; i < nodes.length && i < nodesMax; i++) {
    const node = nodes[i]
    if (node !== undefined) names.push(`${lowerOr(node.asi)}/${textOr(node.sid)}`)
  }
  request.schainNodes = names
}
