/** What the checks of one write found: errors refuse it, warnings travel with the answer. */
import { type FieldError, invalid } from './problem.ts'

/** Errors and warnings by path, in the order found. */
export class Findings {
  readonly errors: FieldError[] = []
  readonly warnings: FieldError[] = []

  error(path: string, message: string): void {
    this.errors.push({ path, message })
  }

  warn(path: string, message: string): void {
    this.warnings.push({ path, message })
  }

  /** Throws 400 with every error, if there is one. */
  throwIfAny(): void {
    if (this.errors.length > 0) throw invalid(this.errors)
  }
}
