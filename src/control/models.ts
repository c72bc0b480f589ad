/** `/api/v1/models`: which models there are on this machine, and which version of each decides. */
import { z } from 'zod'
import type { ModelDesk, ModelListing } from '../scoring/model-desk.ts'
import { ScoringError } from '../scoring/scoring-error.ts'
import { type ControlApp, type ControlContext, callerOf } from './app.ts'
import type { ControlDeps } from './control-deps.ts'
import { notFound, Problem } from './problem.ts'
import { entityProblems, problemResponses, writeProblems } from './schemas/common.ts'
import { activated, activateInput, modelList, modelParams } from './schemas/model-schema.ts'

const url = '/api/v1/models'
const tags = ['models']

/** What the routes use of a models folder. */
export type ModelsPort = Pick<ModelDesk, 'list' | 'has' | 'activate'>

/** Registers the routes. */
export function modelRoutes(app: ControlApp, { deps, desk }: ControlContext): void {
  const { models } = deps
  app.get(
    url,
    {
      config: { access: 'viewer' },
      schema: {
        summary: 'Models of the folder of this machine, with their versions and figures',
        tags,
        response: { 200: modelList, ...problemResponses },
      },
    },
    async () => {
      const [listed, deciding] = await Promise.all([models.list(), decidingModels(deps)])
      return { items: listed.map((model) => shown(model, deciding)) }
    },
  )
  app.post(
    `${url}/:name/activate`,
    {
      config: { access: 'admin' },
      schema: {
        summary: 'Checks a version whole and puts it in force, on this machine, without a restart',
        tags,
        params: modelParams,
        body: activateInput,
        response: { 200: activated, ...entityProblems, 409: writeProblems[409] },
      },
    },
    async (request) => {
      const { name } = request.params
      const { version } = request.body
      if (!(await models.has(name, version))) throw notFound('model version', `${name}/${version}`)
      const before = await activate(models, name, version)
      try {
        const note = { kind: 'model', id: name, action: 'activate', detail: { version, before } }
        await desk.note(callerOf(request), note)
      } catch (error) {
        // It is in force already: a failure to note it must not look like a failure to do it.
        deps.log.error({ err: error, name, version }, 'a model change could not be noted')
      }
      return { name, version, before }
    },
  )
}

/** A model that decides, or should, in one process. */
interface Deciding {
  readonly model: string
  readonly host: string
  readonly worker: number
  readonly version: string
}

function shown(model: ModelListing, deciding: readonly Deciding[]) {
  const { name, active, versions, versionCount } = model
  return {
    name,
    active,
    versions: versions.map(({ about, ...version }) => ({
      ...version,
      about:
        about === null
          ? null
          : { ...about, targets: [...about.targets], calibratedFor: [...about.calibratedFor] },
    })),
    versionCount,
    processes: deciding
      .filter((one) => one.model === name)
      .map(({ host, worker, version }) => ({ host, worker, version })),
  }
}

/** As the processes report it; a store that is down costs these lines, not the list. */
async function decidingModels({ store }: ControlDeps): Promise<readonly Deciding[]> {
  const records = await store.presence.list().catch(() => [])
  return records.flatMap(({ host, index, metrics }) =>
    metrics.flatMap((metric) => {
      const { success, data } = activeMetric.safeParse(metric)
      if (!success) return []
      return data.values.map(({ labels }) => ({ host, worker: index, ...labels }))
    }),
  )
}

/** The gauge of src/telemetry/model-meter.ts; reports may be of another version of the house. */
const activeMetric = z.object({
  name: z.literal('sluice_model_active'),
  values: z.array(z.object({ labels: z.object({ model: z.string(), version: z.string() }) })),
})

async function activate(models: ModelsPort, name: string, version: string) {
  try {
    return await models.activate(name, version)
  } catch (error) {
    if (!(error instanceof ScoringError)) throw error
    throw new Problem(error.code, error.message, { status: 409 })
  }
}
