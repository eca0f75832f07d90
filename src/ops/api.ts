/** What the HTTP port answers: health, readiness, metrics, and pictures of the workers as JSON. */
import type { Timers } from '../env/port.ts'
import { isStreamError, messageOf } from '../model/errors.ts'
import type { TaskView, WorkerView } from '../worker/view.ts'
import type { Reply, Request } from './http-port.ts'
import { answerQuery, type StoreSource } from './query-api.ts'
import { notReady } from './readiness.ts'
import { failure, json } from './replies.ts'

/** What is asked of the application. */
export interface OpsSubject {
  readonly application: string
  readonly state: string
  workers(): Promise<readonly WorkerView[]>
  /** Prometheus text. */
  metrics(): Promise<string>
  readonly stores: StoreSource
}

/** A worker whose event loop does not answer for so long is not healthy. */
const patienceMs = 5_000

export class OpsApi {
  readonly #timers: Timers
  #subject: OpsSubject | undefined

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** The application is there: until then only `/health` says yes. */
  serve(subject: OpsSubject): void {
    this.#subject = subject
  }

  readonly respond = async (request: Request): Promise<Reply> => {
    const { method, path } = request
    const [first, second, store] = path
    const asksStore = first === 'api' && second === 'stores' && store !== undefined
    if (asksStore && this.#subject !== undefined) return answerQuery(request, this.#subject.stores)
    if (!['GET', 'HEAD'].includes(method)) {
      return failure(405, 'METHOD_NOT_ALLOWED', `${method} is not for this path`)
    }
    try {
      return await this.#respond(path)
    } catch (error) {
      const code = isStreamError(error) ? error.code : 'UNEXPECTED_ERROR'
      return failure(503, code, messageOf(error))
    }
  }

  async #respond(path: readonly string[]): Promise<Reply> {
    const [first, second, ...rest] = path
    if (rest.length > 0 || (second !== undefined && first !== 'api')) return notFound(path)
    if (first === 'health') return this.#health()
    if (first === 'ready') return this.#ready()
    const subject = this.#subject
    if (first !== 'metrics' && first !== 'api') return notFound(path)
    if (subject === undefined) return failure(503, 'STARTING', 'the application is starting')
    if (first === 'metrics') {
      const body = await subject.metrics()
      return { status: 200, type: 'text/plain; version=0.0.4', body }
    }
    return pictures(second, subject) ?? notFound(path)
  }

  /** Should this process live? Starting counts: it has time-outs of its own. */
  async #health(): Promise<Reply> {
    const state = this.#subject?.state ?? 'starting'
    if (state === 'failed' || state === 'stopped') return json(503, { state })
    return (await this.#answers()) === undefined
      ? json(503, { state, reason: 'a worker does not answer' })
      : json(200, { state })
  }

  /** Should it be asked anything? */
  async #ready(): Promise<Reply> {
    const state = this.#subject?.state ?? 'starting'
    const workers = await this.#answers()
    if (workers === undefined) return json(503, { state, reasons: ['a worker does not answer'] })
    const reasons = state === 'running' ? notReady(workers) : [`the application is ${state}`]
    return json(reasons.length === 0 ? 200 : 503, { state, reasons })
  }

  /** Undefined when they take too long. */
  async #answers(): Promise<readonly WorkerView[] | undefined> {
    if (this.#subject === undefined) return []
    const late = new AbortController()
    const workers = this.#subject.workers()
    const first = await Promise.race([
      workers,
      this.#timers.sleep(patienceMs, late.signal).then(() => undefined),
    ])
    late.abort()
    return first
  }
}

/** Undefined for a name that there is not. */
function pictures(name: string | undefined, subject: OpsSubject): Promise<Reply> | undefined {
  const { application, state } = subject
  const of = async (value: (workers: readonly WorkerView[]) => unknown) =>
    json(200, value(await subject.workers()))
  switch (name) {
    case undefined:
      return of((workers) => ({ application, state, workers: workers.length, paths }))
    case 'workers':
      return of((workers) => workers)
    case 'tasks':
      return of((workers) => tasksOf(workers))
    case 'lag':
      return of((workers) => ({
        total: workers.reduce((sum, { lag }) => sum + lag, 0),
        inputs: tasksOf(workers).flatMap(({ id, inputs }) =>
          inputs.map((input) => ({ task: id, ...input })),
        ),
      }))
    case 'stores':
      return of((workers) =>
        tasksOf(workers).flatMap(({ id, worker, phase, stores }) =>
          stores.map((store) => ({ task: id, worker, phase, ...store })),
        ),
      )
    case 'assignment':
      return of((workers) =>
        workers.map(({ worker, memberId, generation, tasks }) => ({
          worker,
          memberId,
          generation,
          tasks: tasks.map(({ id, phase }) => ({ id, phase })),
        })),
      )
    default:
      return undefined
  }
}

const paths = ['workers', 'tasks', 'lag', 'stores', 'assignment'].map((name) => `/api/${name}`)

function tasksOf(
  workers: readonly WorkerView[],
): readonly (TaskView & { readonly worker: number })[] {
  return workers.flatMap(({ worker, tasks }) => tasks.map((task) => ({ worker, ...task })))
}

function notFound(path: readonly string[]): Reply {
  const known = ['/health', '/ready', '/metrics', '/api', ...paths].join(' ')
  return failure(404, 'NOT_FOUND', `there is no /${path.join('/')}; there are: ${known}`)
}
