/** Pieces that the schemas of the admin API share. */
import { z } from 'zod'
import { idCharsMax, nameCharsMax, pageSizeDefault, pageSizeMax } from '../limits.ts'
import { problemSchema } from '../problem.ts'

const uint64Pattern = /^(0|[1-9]\d{0,19})$/

/** An id of ours: safe in URLs, keys, labels and file names. */
export const idSchema = z
  .string()
  .max(idCharsMax)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'letters, digits, ".", "_" and "-"; a letter or digit first',
  )

/** The folder of a model below `models/`, or '' for none. */
export const modelNameOrNone = z
  .string()
  .regex(/^([a-z0-9][a-z0-9._-]{0,63})?$/, 'a model name in lower case, or nothing')

/** A display name; any language. */
export const nameSchema = z.string().max(nameCharsMax)

/** A 64-bit unsigned id of a medium as decimal text: a JSON number would lose digits. */
export const uint64Schema = z
  .string()
  .regex(uint64Pattern, 'a decimal 64-bit number as text')
  .refine(
    // The refinement also runs after a failed pattern, and BigInt throws on such a text.
    (text) => !uint64Pattern.test(text) || BigInt(text) < 2n ** 64n,
    'does not fit 64 bits',
  )

/** The path of one entity. */
export const idParams = z.strictObject({ id: idSchema })

/** Headers of a conditional write; other headers are nobody's business here. */
export const conditionHeaders = z.looseObject({
  'if-match': z.string().optional().describe('ETag of the version this write replaces'),
  'if-none-match': z.string().optional().describe('"*": only if it does not exist yet'),
})

/** Query of a list. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(pageSizeMax).default(pageSizeDefault),
  after: z.string().max(idCharsMax).default('').describe('Last id of the page before'),
})

/** `true` or `false` in a query. */
export const flagQuery = z.enum(['true', 'false']).default('false').describe('"true" or "false"')

/** What an accepted write wants its author to know. */
export const warningsSchema = z.array(z.object({ path: z.string(), message: z.string() }))

/** A success without a body. */
export const noContent = z.undefined().describe('Done')

/** Refusals that every authenticated route may give. */
export const problemResponses = {
  400: problemSchema,
  401: problemSchema,
  403: problemSchema,
  429: problemSchema,
  503: problemSchema,
}
/** The same for a route about one entity. */
export const entityProblems = { ...problemResponses, 404: problemSchema }
/** The same for a conditional write. */
export const writeProblems = {
  ...entityProblems,
  409: problemSchema,
  412: problemSchema,
  413: problemSchema,
  415: problemSchema,
}
