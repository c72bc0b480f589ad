/** How a logistic regression is learned where nothing else is said. */
import type { FtrlSettings } from './ftrl.ts'

/** How a head is learned. */
export interface LrSettings extends FtrlSettings {
  /** Passes over the slice at most; fewer when its last part shows no gain. */
  readonly epochsMax: number
}

/** Chosen on the training slice of a world (docs/training.md). */
export const lrDefaults: LrSettings = { alpha: 0.05, beta: 1, l1: 20, l2: 1, epochsMax: 30 }
