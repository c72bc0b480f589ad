/** What intake sees of invalid traffic: the agent, and how fast its network is. */
import { InvalidReason } from '../domain/invalid-reason.ts'
import { AgentCheck } from './agent-check.ts'
import { EventKind } from './event.ts'
import type { NetworkRate } from './network-rate.ts'

/** Who told of an event, as far as events keep it. */
export interface TrafficReading {
  /** 32-bit hash of the user agent; 0 = none came. */
  readonly agent: number
  /** Numbers of `InvalidReason`. */
  readonly flags: readonly number[]
}

/** An event's time may be this far ahead of our clock: clocks differ, and seconds get rounded. */
export const aheadMsMax = 5 * 60_000

const noFlags: readonly number[] = []

/**
 * Judges exposures and clicks by the user's own agent and network. Not for calls between servers:
 * there the agent is a program by right. One a process.
 */
export class TrafficCheck {
  readonly #agents = new AgentCheck()
  readonly #rate: NetworkRate

  constructor(rate: NetworkRate) {
    this.#rate = rate
  }

  /**
   * Judges and counts one event; `network` truncated, `agent` the text of the header or macro. Of
   * other kinds than exposures and clicks it only says the agent's number.
   */
  judge(kind: EventKind, network: string, agent: string): TrafficReading {
    const { hash, reason } = this.#agents.read(agent)
    if (kind !== EventKind.Click && kind !== EventKind.Exposure)
      return { agent: hash, flags: noFlags }
    const isTooFast = this.#isTooFast(kind, network, hash)
    if (reason === 0 && !isTooFast) return { agent: hash, flags: noFlags }
    const flags: number[] = reason === 0 ? [] : [reason]
    if (isTooFast) flags.push(InvalidReason.NetworkRate)
    return { agent: hash, flags }
  }

  #isTooFast(kind: EventKind, network: string, agent: number): boolean {
    if (kind === EventKind.Click) return this.#rate.isTooFast('click', network, agent)
    return this.#rate.isTooFast('exposure', network, agent)
  }
}
