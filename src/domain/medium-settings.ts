/** How one medium is operated: from the configuration file, validated in `config/`. */

/** What an unknown profile means: no usable id, or a store that cannot answer. */
export type UnknownProfilePolicy =
  | { readonly kind: 'refuse' }
  | {
      /**
       * These of our strategy ids take part unseen (their conditions still hold); a named default.
       */
      readonly kind: 'strategies'
      readonly strategyIds: readonly string[]
    }

/** One medium's operating values. */
export interface MediumSettings {
  readonly name: string
  /** False: its route answers the explicit refusal to everything. */
  readonly enabled: boolean
  /** Milliseconds of the medium's budget that the network takes, both ways together. */
  readonly networkAllowanceMs: number
  /** Milliseconds kept for writing the answer out. */
  readonly sendAllowanceMs: number
  /** Requests a second one worker decides; more get the refusal before decode. 0 = no cap. */
  readonly qpsMax: number
  /**
   * A header that every request must carry with one of these values (two while rotating), or null.
   */
  readonly secretHeader: { readonly name: string; readonly values: readonly string[] } | null
  readonly unknownProfile: UnknownProfilePolicy
  /** Default cache seconds of answers; null = what the medium's rules say. */
  readonly cacheAcceptSeconds: number | null
  readonly cacheRefuseSeconds: number | null
  /** Share of exchanges written to the exchange log, 0-1. */
  readonly exchangeLogRate: number
  /** Strategies whose exchanges are always written. */
  readonly exchangeLogStrategies: readonly string[]
}
