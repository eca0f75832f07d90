import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import {
  consumerAssignment,
  consumerSubscription,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../src/kafka/protocol/consumer-protocol.ts'
import { apis } from '../../../../src/kafka/protocol/messages/index.ts'
import {
  type Field,
  type Fields,
  type FieldType,
  includes,
  type Versions,
  versionRange,
} from '../../../../src/kafka/protocol/schema.ts'

interface JsonField {
  readonly name: string
  readonly type: string
  readonly versions: Versions
  readonly nullableVersions?: Versions
  readonly flexibleVersions?: Versions
  readonly taggedVersions?: Versions
  readonly tag?: number
  readonly default?: string | number | boolean
  readonly fields?: readonly JsonField[]
}

interface JsonMessage {
  readonly apiKey: number
  readonly validVersions: Versions
  readonly flexibleVersions: Versions
  readonly fields: readonly JsonField[]
  readonly commonStructs?: readonly { readonly name: string; readonly fields: JsonField[] }[]
}

const conformance: Readonly<Record<string, JsonMessage>> = JSON.parse(
  readFileSync(join(process.cwd(), 'test/conformance/kafka-messages.json'), 'utf8'),
)

/** A field as it is on the wire in one version, whichever side it comes from. */
interface Layout {
  readonly name: string
  readonly type: string | { readonly array: boolean; readonly fields: readonly Layout[] }
  readonly nullable: boolean
  readonly tag: number | null
  /** Encoded the old way although the message is flexible. */
  readonly plain: boolean
  readonly fallback: unknown
}

/** Tagged fields may stand anywhere in a table; the others are on the wire in their order. */
function ordered(fields: readonly Layout[]): readonly Layout[] {
  const rank = (field: Layout) => (field.tag === null ? -1 : field.tag)
  return fields.toSorted((a, b) => rank(a) - rank(b))
}

function ofTable(fields: Fields, version: number): readonly Layout[] {
  const present = Object.entries(fields).filter(([, field]) => includes(field.versions, version))
  return ordered(present.map(([name, field]) => fieldOfTable(name, field, version)))
}

function fieldOfTable(name: string, field: Field, version: number): Layout {
  const { options } = field
  const layout = typeOfTable(field.type, version)
  return {
    name,
    type: layout,
    nullable: includes(options.nullable, version),
    tag: includes(options.tagged, version) ? (options.tag ?? null) : null,
    plain: options.flexible === 'none',
    fallback: options.default === undefined ? zero(layout) : options.default,
  }
}

function typeOfTable(type: FieldType, version: number): Layout['type'] {
  if (type.kind === 'scalar') return type.scalar
  if (type.kind === 'struct') return { array: false, fields: ofTable(type.fields, version) }
  if (type.element.kind === 'scalar') return `[]${type.element.scalar}`
  if (type.element.kind === 'array') throw new Error('no message has arrays of arrays')
  return { array: true, fields: ofTable(type.element.fields, version) }
}

const structNames = /^(\[\])?[A-Z]/

function ofJson(message: JsonMessage, fields: readonly JsonField[], version: number) {
  const present = fields.filter((field) => includes(field.versions, version))
  return ordered(present.map((field): Layout => fieldOfJson(message, field, version)))
}

function fieldOfJson(message: JsonMessage, field: JsonField, version: number): Layout {
  const type = structNames.test(field.type)
    ? {
        array: field.type.startsWith('[]'),
        fields: ofJson(message, nestedFields(message, field), version),
      }
    : field.type
  return {
    name: `${field.name.slice(0, 1).toLowerCase()}${field.name.slice(1)}`,
    type,
    nullable: includes(field.nullableVersions, version),
    tag: includes(field.taggedVersions, version) ? (field.tag ?? null) : null,
    plain: field.flexibleVersions === 'none',
    fallback: field.default === undefined ? zero(type) : parsed(field.default, field.type),
  }
}

function nestedFields(message: JsonMessage, field: JsonField): readonly JsonField[] {
  const name = field.type.replace('[]', '')
  const common = message.commonStructs?.find((struct) => struct.name === name)
  const nested = field.fields ?? common?.fields
  if (nested === undefined) throw new Error(`no fields of ${name}`)
  return nested
}

function zero(type: Layout['type']): unknown {
  if (typeof type !== 'string' || type.startsWith('[]')) return 'empty'
  if (type === 'bool') return false
  return ['string', 'bytes', 'records', 'uuid'].includes(type) ? 'empty' : 0
}

function parsed(value: string | number | boolean, type: string): unknown {
  if (value === 'null') return null
  if (type === 'string') return value === '' ? 'empty' : value
  if (type === 'bool') return value === true || value === 'true'
  return Number(value)
}

/** An empty text given as a default is what a missing default means. */
const sameEmpty = (layouts: readonly Layout[]): readonly Layout[] =>
  layouts.map((layout) => ({
    ...layout,
    fallback: layout.fallback === '' || isEmptyArray(layout.fallback) ? 'empty' : layout.fallback,
    type:
      typeof layout.type === 'string'
        ? layout.type
        : { ...layout.type, fields: sameEmpty(layout.type.fields) },
  }))

const isEmptyArray = (value: unknown) => Array.isArray(value) && value.length === 0

function versionsOf(versions: Versions): readonly number[] {
  const { from, to } = versionRange(versions)
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

function messageOf(name: string): JsonMessage {
  const message = conformance[name]
  if (message === undefined) throw new Error(`Kafka has no ${name}`)
  return message
}

const sides = apis.flatMap((api) => [
  { title: `${api.name}Request`, api, fields: api.request },
  { title: `${api.name}Response`, api, fields: api.response },
])

test.each(sides)('$title has the fields of Kafka in every version', ({ title, api, fields }) => {
  const message = messageOf(title)
  expect(api.key).toBe(message.apiKey)
  expect(api.versions).toBe(message.validVersions)
  for (const version of versionsOf(api.versions)) {
    const table = { version, fields: sameEmpty(ofTable(fields, version)) }
    expect(table).toEqual({ version, fields: ofJson(message, message.fields, version) })
    const flexible = includes(api.flexible, version)
    expect({ version, flexible }).toEqual({
      version,
      flexible: includes(message.flexibleVersions, version),
    })
  }
})

test.each([
  ['ConsumerProtocolSubscription', consumerSubscription as Fields],
  ['ConsumerProtocolAssignment', consumerAssignment as Fields],
])('%s has the fields of Kafka in every version', (name, fields) => {
  const message = messageOf(name)
  for (const version of versionsOf(message.validVersions)) {
    expect(sameEmpty(ofTable(fields, version))).toEqual(ofJson(message, message.fields, version))
  }
})

test('what a consumer says of itself comes back, in each version as far as it goes', () => {
  const subscription = {
    topics: ['lines', 'words'],
    userData: Uint8Array.of(1, 2),
    ownedPartitions: [{ topic: 'lines', partitions: [0, 3] }],
    generationId: 5,
    rackId: 'a',
  }
  expect(decodeSubscription(encodeSubscription(subscription))).toEqual(subscription)
  expect(decodeSubscription(encodeSubscription(subscription, 0))).toEqual({
    ...subscription,
    ownedPartitions: [],
    generationId: -1,
    rackId: null,
  })
  const assignment = { assignedPartitions: subscription.ownedPartitions, userData: null }
  expect(decodeAssignment(encodeAssignment(assignment))).toEqual(assignment)
})

test('a subscription of a newer version is read as far as it is known', () => {
  const bytes = Uint8Array.from([...encodeSubscription({ topics: ['lines'] }), 9, 9])
  bytes.set([0, 4])
  expect(decodeSubscription(bytes).topics).toEqual(['lines'])
})
