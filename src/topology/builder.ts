import { durationMs } from '../model/duration.ts'
import type { WatermarkSpec } from '../time/spec.ts'
import { checkChoice, checkFunction, checkOptions, checkPolicy } from './checks.ts'
import type { ChosenSerde, Draft, Flow } from './draft.ts'
import { refuse } from './failures.ts'
import { checkTopic } from './names.ts'
import type { SourceNode } from './nodes.ts'
import { addGlobalTable, type GlobalTable } from './global-table.ts'
import type { GlobalTableOptions, StreamOptions, TableOptions } from './options.ts'
import { addTopicTable, checkBackend } from './stored.ts'
import { Stream } from './stream.ts'
import { Table } from './table.ts'
import { addVersionedTable } from './versioned-table.ts'
import { none } from './watermarks.ts'

const streamOptions = [
  'key',
  'value',
  'timestamp',
  'watermark',
  'idleAfter',
  'startFrom',
  'name',
  'onError',
]
const tableOptions = [
  'key',
  'value',
  'timestamp',
  'watermark',
  'idleAfter',
  'name',
  'backend',
  'emit',
  'versioned',
  'onError',
]

/**
 * What `build` gets as `t`: where streams begin. `DK` and `DV` are the types of the topology's
 * default serdes.
 */
export class TopologyBuilder<DK, DV> {
  readonly #draft: Draft

  constructor(draft: Draft) {
    this.#draft = draft
  }

  /**
   * Reads one or several topics as a stream of records, or all whose names match: `/^orders-/`;
   * topics that come later are read when they are found (option `topicDiscovery`). The records of
   * one partition stay in order.
   * @throws StreamError `INVALID_TOPIC`, `DUPLICATE_SOURCE`, `INVALID_ARGUMENT`, `INVALID_DURATION`
   */
  stream<K = DK, V = DV>(
    topics: string | readonly string[] | RegExp,
    options: StreamOptions<K, V> = {},
  ): Stream<K, V> {
    const draft = this.#draft
    const pattern = topics instanceof RegExp ? checkPattern(topics) : undefined
    const names = Object.freeze(topics instanceof RegExp ? [String(topics)] : [topics].flat())
    const call = pattern === undefined ? `stream("${names.join('", "')}")` : `stream(${pattern})`
    if (names.length === 0) throw refuse('INVALID_TOPIC', 'stream([]) names no topic')
    if (pattern === undefined) for (const topic of names) checkTopic('the topic of stream()', topic)
    checkOptions(call, options, streamOptions)
    draft.label('stream', options.name)
    const node = {
      label: pattern === undefined ? `stream-${names[0]}` : 'stream-pattern',
      name: options.name,
      pattern,
    }
    return new Stream(this.#read(call, names, node, options).flow)
  }

  /**
   * Reads a topic as a table: the last value of each key; a null value deletes, a record without a
   * key is left out. The topic is the table's changelog, so it should be compacted and never lose
   * the last record of a key. It is read from its beginning.
   * @param topic Names the store too, unless `name` does.
   * @throws StreamError `INVALID_TOPIC`, `DUPLICATE_SOURCE`, `DUPLICATE_NAME`, `INVALID_ARGUMENT`
   */
  table<K = DK, V = DV>(topic: string, options: TableOptions<K, V> = {}): Table<K, V> {
    const draft = this.#draft
    checkTopic('the topic of table()', topic)
    const call = `table("${topic}")`
    checkOptions(call, options, tableOptions)
    const name = options.name ?? topic
    draft.own('table', name)
    const emit = checkChoice(`emit of ${call}`, options.emit, ['update', 'change', 'commit'])
    const node = { label: `table-${topic}`, name: undefined, pattern: undefined }
    const { flow, ...serdes } = this.#read(call, Object.freeze([topic]), node, options)
    const backend = checkBackend(call, options.backend)
    if (options.versioned !== undefined) {
      const given = { versioned: options.versioned, emit: options.emit, backend }
      const versioned = addVersionedTable(flow, call, { name, topic }, given, serdes)
      return new Table(versioned, (out) => new Stream(out))
    }
    const table = addTopicTable(flow, name, topic, { emit, backend }, serdes)
    return new Table(table, (out) => new Stream(out))
  }

  /**
   * Reads a topic as a table of which every worker keeps a full copy, read to its end before the
   * worker starts. The topic should be compacted.
   * @param topic Names the store too, unless `name` does.
   * @throws StreamError `INVALID_TOPIC`, `DUPLICATE_NAME`, `INVALID_ARGUMENT`
   */
  globalTable<K = DK, V = DV>(
    topic: string,
    options: GlobalTableOptions<K, V> = {},
  ): GlobalTable<K, V> {
    return addGlobalTable(this.#draft, topic, options)
  }

  #read<K, V>(
    call: string,
    topics: readonly string[],
    { label, name: given, pattern }: ReadNode,
    options: StreamOptions<K, V>,
  ): { readonly flow: Flow; readonly key: ChosenSerde; readonly value: ChosenSerde } {
    const draft = this.#draft
    for (const topic of topics) draft.read(call, topic)
    const key = draft.choose('key', call, options.key, undefined)
    const value = draft.choose('value', call, options.value, undefined)
    const rest = readingOf(call, options)
    const node = draft.next
    const edge = draft.add(label, given, (name) => ({
      kind: 'source',
      name,
      inputs: [],
      serdes: Object.freeze({ key: key.reason, value: value.reason }),
      topics,
      ...(pattern === undefined ? {} : { pattern }),
      key: key.serde,
      value: value.serde,
      ...rest,
    }))
    const flow = {
      draft,
      edge,
      key: { serde: key.serde, node },
      value: { serde: value.serde, node },
      rekeyedBy: undefined,
      timed: rest.watermark.kind !== 'none',
    }
    return { flow, key, value }
  }
}

interface ReadNode {
  readonly label: string
  readonly name: string | undefined
  readonly pattern: RegExp | undefined
}

/** A pattern that remembers where it was would match a name every other time. */
function checkPattern(pattern: RegExp): RegExp {
  if (!pattern.global && !pattern.sticky) return pattern
  throw refuse('INVALID_TOPIC', `stream(${pattern}) has the flag g or y: leave it out`)
}

type Reading = Pick<SourceNode, 'timestamp' | 'watermark' | 'idleAfterMs' | 'startFrom' | 'onError'>

function readingOf<K, V>(call: string, options: StreamOptions<K, V>): Reading {
  if (options.timestamp !== undefined) checkFunction(`timestamp of ${call}`, options.timestamp)
  return {
    timestamp: options.timestamp,
    watermark: watermarkOf(call, options.watermark),
    idleAfterMs:
      options.idleAfter === undefined
        ? undefined
        : durationMs(options.idleAfter, `idleAfter of ${call}`),
    startFrom: startOf(call, options.startFrom),
    onError: checkPolicy(call, options.onError),
  }
}

const watermarkKinds = ['none', 'monotonous', 'bounded', 'punctuated']

function watermarkOf(call: string, watermark: WatermarkSpec | undefined): WatermarkSpec {
  if (watermark === undefined) return none
  if (watermarkKinds.includes(watermark?.kind)) return watermark
  throw refuse(
    'INVALID_ARGUMENT',
    `watermark of ${call} is none of monotonous(), boundedOutOfOrderness('5s'), ` +
      'punctuated(fn) and none',
  )
}

function startOf(
  call: string,
  from: StreamOptions<unknown, unknown>['startFrom'],
): SourceNode['startFrom'] {
  if (from === undefined) return 'earliest'
  if (from === 'earliest' || from === 'latest') return from
  if (typeof from === 'object' && from !== null && 'last' in from) {
    return Object.freeze({ lastMs: durationMs(from.last, `startFrom of ${call}`) })
  }
  throw refuse(
    'INVALID_ARGUMENT',
    `startFrom of ${call} is ${JSON.stringify(from)}: write 'earliest', 'latest' or { last: '7d' }`,
  )
}
