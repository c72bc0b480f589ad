/** API keys, the audit log and jobs as the API shows them. */
import { z } from 'zod'
import { roles } from '../../domain/api-key.ts'
import { nameCharsMax, pageSizeDefault, pageSizeMax } from '../limits.ts'

/** A key that is to be made. */
export const keyInput = z.strictObject({
  name: z.string().min(1).max(nameCharsMax).describe('Who or what will use it'),
  role: z.enum(roles),
})

/** A key as it is shown: never the key itself, nor its hash. */
const keyView = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  createdAtMs: z.int(),
  createdBy: z.string().describe('Id of the key that made it, or "start"'),
})

/** The one answer that holds a key. */
export const keyMade = keyView.extend({ key: z.string().describe('Shown this once') })

export const keyList = z.object({ items: z.array(keyView) })

/** One entry of the audit log. */
const auditView = z.object({
  seq: z.int(),
  atMs: z.int(),
  keyId: z.string(),
  action: z.string(),
  kind: z.string(),
  id: z.string(),
  before: z.int().nullable().describe('Version before; 0 = it did not exist'),
  after: z.int().nullable().describe('Version after; 0 = it was deleted'),
  changed: z.array(z.string()).describe('Top-level fields that changed'),
  detail: z.record(z.string(), z.unknown()).nullable(),
})

export const auditPage = z.object({
  items: z.array(auditView),
  next: z.int().nullable().describe('Pass as `before` for older entries; null at the end'),
})

export const auditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(pageSizeMax).default(pageSizeDefault),
  before: z.coerce.number().int().min(1).optional().describe('Only entries with a smaller seq'),
  kind: z.string().max(32).optional(),
  id: z.string().max(64).optional(),
})
