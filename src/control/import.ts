/** `POST /api/v1/import`: a whole catalog, or any part of it, as one stream of lines. */
import { Readable } from 'node:stream'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import { readImportLine } from './import-line.ts'
import { ImportRun } from './import-run.ts'
import { importLinesMax, jsonBytesMax } from './limits.ts'
import { Problem } from './problem.ts'
import { writeProblems } from './schemas/common.ts'
import { type ImportAnswer, importAnswer, importQuery } from './schemas/import-schema.ts'
import { type TextLine, TextLines } from './text-lines.ts'
import { UploadBody } from './upload-body.ts'

/** Registers the route. */
export async function importRoute(app: ControlApp, context: ControlContext): Promise<void> {
  await app.register(async (scope: ControlApp) => {
    // In this scope alone a body of any content type is the stream itself, never collected.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    streamRoute(scope, context)
  })
}

function streamRoute(app: ControlApp, { deps, desk }: ControlContext): void {
  app.post(
    '/api/v1/import',
    {
      config: { access: 'marketer' },
      schema: {
        summary: 'Writes advertisers, campaigns, creatives, exchanges and rates, one a line',
        description:
          'The body is NDJSON, plain or gzip, of any length, streamed. A line is ' +
          '{"kind": "creative", "id": "a", "value": {…}} or {"kind": "creative", "id": "a", ' +
          '"delete": true}; value is the body of PUT. Lines may name what lines before them made. ' +
          'They are written in order, in atomic batches.',
        tags: ['import'],
        consumes: ['application/x-ndjson', 'application/gzip'],
        querystring: importQuery,
        response: { 200: importAnswer, ...writeProblems },
      },
    },
    async (request) => {
      const { dryRun, onError } = request.query
      const options = { isDryRun: dryRun === 'true', stopsAtError: onError === 'stop' }
      const run = new ImportRun(desk, callerOf(request), options)
      const stream = request.body instanceof Readable ? request.body : Readable.from([])
      const body = new UploadBody(stream, request.headers['content-encoding'])
      // A line holds one entity, as the body of a PUT does.
      const lines = new TextLines(jsonBytesMax)
      const answer = (): ImportAnswer => ({
        dryRun: options.isDryRun,
        lines: lines.count,
        ...run.outcome,
      })
      try {
        await pump(body, lines, run, () => deps.clock.wallMs())
      } catch (error) {
        throw body.failure === null
          ? withCounts(error, answer())
          : endedEarly(body.failure, answer())
      } finally {
        // What was not read is read to nowhere, or the client could not get to its answer.
        body.drain()
      }
      if (run.isStopped) throw stopped(answer())
      return answer()
    },
  )
}

async function pump(
  body: UploadBody,
  lines: TextLines,
  run: ImportRun,
  nowMs: () => number,
): Promise<void> {
  const take = async (found: Iterable<TextLine>): Promise<void> => {
    for (const line of found) {
      if (line.number > importLinesMax) throw tooManyLines()
      await run.take(readImportLine(line, nowMs()), line.bytes)
      if (run.isStopped) return
    }
  }
  for await (const chunk of body) {
    await take(lines.push(chunk))
    if (run.isStopped) return
  }
  await take(lines.end())
  await run.flush()
}

function stopped(answer: ImportAnswer): Problem {
  const first = answer.firstErrors[0]
  const where = first === undefined ? '' : `line ${first.line}: ${first.path}: ${first.message}`
  const message = `${where}; ${answer.dryRun ? 'a dry run' : 'lines before it are written'}`
  const errors = answer.firstErrors.map(({ path, message: why }) => ({ path, message: why }))
  return new Problem('SLUICE_CONTROL_IMPORT_STOPPED', message, { errors, fields: answer })
}

function tooManyLines(): Problem {
  const message = `more than ${importLinesMax} lines; those before are written`
  return new Problem('SLUICE_CONTROL_BODY_TOO_LARGE', message)
}

/** Batches before the end of a broken body are written: the answer says how many. */
function endedEarly(failure: Problem, answer: ImportAnswer): Problem {
  const { written, deleted } = answer
  const message = `the import ended early; ${written} written and ${deleted} deleted before`
  return new Problem(failure.code, message, { fields: answer })
}

function withCounts(error: unknown, answer: ImportAnswer): unknown {
  if (!(error instanceof Problem)) return error
  const problem = new Problem(error.code, error.message, { ...error.extra, fields: answer })
  problem.cause = error.cause
  return problem
}
