/**
 * Queries over HTTP. `GET /api/stores/<name>` takes keys and answers values as JSON, for people and
 * other languages; `POST …/query` and `…/ask` take and answer bytes, for the client and for other
 * workers.
 */
import { z } from 'zod'
import { parseDuration } from '../model/duration.ts'
import { isStreamError, messageOf, StreamError } from '../model/errors.ts'
import { base64 } from '../query/base64.ts'
import { TypedStore } from '../query/typed-store.ts'
import type { StoreSpec } from '../state/spec.ts'
import { answerToJson, questionFromJson } from '../state/store-json.ts'
import type { StoreAnswer, StoreQuestion } from '../state/store-read.ts'
import type { Reply, Request } from './http-port.ts'
import { failure, json } from './replies.ts'

export interface StoreSource {
  /** @throws StreamError `UNKNOWN_STORE` */
  specOf(name: string): StoreSpec
  /** What this process has. */
  ask(question: StoreQuestion): Promise<StoreAnswer>
  /** What the owners have, wherever they are. */
  route(question: StoreQuestion): Promise<StoreAnswer>
}

const bytes = z.base64()
const bounds = { reverse: z.boolean(), limit: z.int().min(1) }
const questionSchema = z.strictObject({
  read: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('get'), key: bytes }),
    z.strictObject({
      kind: z.literal('range'),
      from: bytes.optional(),
      to: bytes.optional(),
      ...bounds,
    }),
    z.strictObject({
      kind: z.literal('windows'),
      key: bytes,
      fromMs: z.number(),
      toMs: z.number(),
      ...bounds,
    }),
  ]),
  isolation: z.enum(['committed', 'latest']),
  partitions: z.array(z.int().min(0)).optional(),
  staleMs: z.number().min(0).optional(),
})

/** Rows of an answer to `GET` where `limit` does not say it. */
const rowsDefault = 1000

export async function answerQuery(request: Request, source: StoreSource): Promise<Reply> {
  const [, , store = '', how] = request.path
  try {
    const spec = source.specOf(store)
    if (how === undefined && request.method !== 'POST') return await get(request, spec, source)
    if (request.method !== 'POST' || (how !== 'query' && how !== 'ask')) {
      return failure(404, 'NOT_FOUND', `there is GET /api/stores/${store} and POST …/query`)
    }
    const question = questionFromJson(store, parsedQuestion(request.body), base64)
    const answer = await (how === 'ask' ? source.ask(question) : source.route(question))
    return json(200, answerToJson(answer, base64))
  } catch (error) {
    return refusal(error)
  }
}

function parsedQuestion(body: string): z.infer<typeof questionSchema> {
  try {
    return questionSchema.parse(JSON.parse(body))
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : []
    const place =
      issue === undefined ? messageOf(error) : `${issue.path.join('.')}: ${issue.message}`
    throw invalid(`the question cannot be read (${place})`)
  }
}

async function get({ query }: Request, spec: StoreSpec, source: StoreSource): Promise<Reply> {
  const { name, key, value } = spec
  const store = new TypedStore({ store: name, key, value, ask: (one) => source.route(one) })
  const options = optionsOf(query)
  const one = query.get('key')
  if (one !== null && query.has('from')) {
    const windows = { from: numberOf(query, 'from'), to: numberOf(query, 'to') }
    return json(200, { entries: shown(await store.windows(keyOf(one), windows, options)) })
  }
  if (one !== null) {
    const found = await store.get(keyOf(one), options)
    if (found === undefined) return failure(404, 'NO_VALUE', `the store has no value of ${one}`)
    return json(200, { key: plain(keyOf(one)), value: plain(found) })
  }
  const prefix = query.get('prefix')
  const [from, to] = [query.get('from'), query.get('to')]
  const entries =
    prefix !== null
      ? await store.prefix(keyOf(prefix), options)
      : await store.range(
          from === null ? undefined : keyOf(from),
          to === null ? undefined : keyOf(to),
          options,
        )
  return json(200, { entries: shown(entries) })
}

function optionsOf(query: URLSearchParams) {
  const stale = query.get('maxStaleness')
  const isolation = query.get('isolation') ?? 'committed'
  if (isolation !== 'committed' && isolation !== 'latest') {
    throw invalid(`isolation is committed or latest, not ${isolation}`)
  }
  return {
    isolation,
    reverse: query.get('reverse') === 'true',
    limit: query.has('limit') ? numberOf(query, 'limit') : rowsDefault,
    ...(stale === null ? {} : { maxStaleness: staleness(stale) }),
    ...(query.has('partition') ? { partition: numberOf(query, 'partition') } : {}),
  } as const
}

function staleness(text: string): number {
  const ms = parseDuration(/^\d+$/.test(text) ? Number(text) : text)
  if (ms !== undefined) return ms
  throw invalid("maxStaleness is milliseconds, or a duration such as '5s'")
}

function numberOf(query: URLSearchParams, name: string): number {
  const value = Number(query.get(name) ?? Number.NaN)
  if (Number.isFinite(value)) return value
  throw invalid(`${name} has to be a number`)
}

/** JSON where it is some, else the text itself: `?key=mill`, `?key=5`, `?key="5"`. */
function keyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function shown(entries: readonly (readonly [unknown, unknown])[]) {
  return entries.map(([key, value]) => ({ key: plain(key), value: plain(value) }))
}

/** What JSON does not know: big integers as text, bytes as base64. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64.encode(value)
  return typeof value === 'bigint' ? value.toString() : value
}

function refusal(error: unknown): Reply {
  if (!isStreamError(error)) return failure(500, 'UNEXPECTED_ERROR', messageOf(error))
  const wrongKey = ['SERIALIZATION_FAILED', 'INVALID_DURATION'].includes(error.code)
  if (wrongKey) return failure(400, 'QUERY_INVALID', messageOf(error))
  const status = { UNKNOWN_STORE: 404, QUERY_INVALID: 400 }[error.code] ?? 503
  return failure(status, error.code, messageOf(error))
}

function invalid(message: string): StreamError {
  return new StreamError('QUERY_INVALID', message, { domain: 'user', recovery: 'fatal' })
}
