/** What explain needs: the media and the very decider that answers them. */
import type { Scratch } from '../decision/scratch.ts'
import type { DecisionTrace } from '../decision/trace.ts'
import type { AdRequest } from '../domain/ad-request.ts'
import type { RtaDecision } from '../domain/decision.ts'
import type { MediumAdapter } from '../media/adapter.ts'

/** `main.ts` builds it over a catalog and an audience reader of control's own. */
export interface ExplainPort {
  readonly adapters: ReadonlyMap<string, MediumAdapter>
  /** `RtaDecider` is one. */
  readonly decider: {
    decide(
      request: AdRequest,
      scratch: Scratch,
      trace: DecisionTrace,
    ): RtaDecision | Promise<RtaDecision>
  }
  /**
   * Turns a message written as JSON into the wire of a binary medium; null for a medium that
   * speaks JSON itself. Throws an Error with a sentence for a message that does not fit.
   */
  readonly encodeRequest: (medium: string, message: unknown) => Uint8Array | null
}
