/** Issues of a zod schema as errors with paths, for what does not come as one JSON body. */
import type { z } from 'zod'
import type { FieldError } from './problem.ts'

/** `targeting.places[0].country` and the message, one for each issue or unknown field. */
export function fieldErrorsOfZod(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: pathOf([...issue.path, key]),
        message: 'unknown field',
      }))
    }
    return [{ path: pathOf(issue.path) || 'value', message: issue.message }]
  })
}

function pathOf(parts: readonly PropertyKey[]): string {
  let path = ''
  for (const part of parts) {
    if (typeof part === 'number') path += `[${part}]`
    else path += path === '' ? String(part) : `.${String(part)}`
  }
  return path
}
