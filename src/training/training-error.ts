/** Failures of training that somebody must act on: the inputs are not what they should be. */

/** Codes are listed in docs/errors.md. */
export type TrainingCode =
  | 'SLUICE_TRAINING_DATASET'
  | 'SLUICE_TRAINING_LOG'
  | 'SLUICE_TRAINING_FEATURES'
  | 'SLUICE_TRAINING_IMPORT'
  | 'SLUICE_TRAINING_LABELS'
  | 'SLUICE_TRAINING_DRAFT'
  | 'SLUICE_TRAINING_MISMATCH'

/** What the person at the command line must correct. */
export class TrainingError extends Error {
  readonly code: TrainingCode

  constructor(code: TrainingCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'TrainingError'
    this.code = code
  }
}
