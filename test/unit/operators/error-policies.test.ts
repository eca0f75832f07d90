import { expect, test } from '@jest/globals'
import {
  int64,
  json,
  type ErrorPolicy,
  type Serde,
  StreamError,
  string,
  topology,
} from '../../../src/index.ts'
import { TopologyTestDriver } from '../../../src/testing/driver/index.ts'

interface Order {
  readonly id: string
  readonly amount: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Orders doubled; amounts below zero are refused by the function. */
function doubling(onError: ErrorPolicy) {
  const made = topology('orders', (t) => {
    t.stream('orders', { value: json<Order>(), onError })
      .mapValues(
        (order) => {
          if (order.amount < 0) throw new RangeError(`no such amount: ${order.amount}`)
          return { ...order, amount: order.amount * 2 }
        },
        { name: 'double', onError },
      )
      .to('doubled')
  })
  return new TopologyTestDriver(made)
}

const good = { key: 'a', value: { id: 'a', amount: 1 } }
const bad = { key: 'b', value: { id: 'b', amount: -1 } }

function thrownBy(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

test('fail ends with the place of the record: task, node, topic, partition and offset', () => {
  const driver = doubling('fail')
  const error = thrownBy(() => driver.input('orders').send(good, bad))
  expect(error).toBeInstanceOf(StreamError)
  expect(error).toMatchObject({
    code: 'USER_FUNCTION_FAILED',
    domain: 'user',
    recovery: 'fatal',
    where: { task: '0_0', node: 'double', topic: 'orders', partition: 0, offset: 1 },
    cause: expect.any(RangeError),
    message: expect.stringContaining('no such amount: -1'),
  })
})

/** What a serde of another copy of the package throws: an error that is not of this class. */
function foreign(): never {
  const code = 'DESERIALIZATION_FAILED'
  throw Object.assign(new Error(`${code}: foreign cannot read it`), { code })
}

test.each([
  ['a serde of this copy', json(), '{', 'json cannot read'],
  [
    'a serde of another copy',
    { ...string, deserialize: foreign },
    '{}',
    ': foreign cannot read it',
  ],
  ['a serde in a schema', json(foreign), '{}', 'refuses it: foreign cannot read it'],
])('an error has its code once, also where %s tells the reason', (_, serde, sent, reason) => {
  const made = topology('lines', (t) => {
    const value: Serde<unknown> = { ...serde, serialize: () => encoder.encode(sent) }
    t.stream('lines', { value })
      .mapValues((line) => line)
      .to('out', { value: json() })
  })
  const input = new TopologyTestDriver(made).input('lines')
  const error = thrownBy(() => input.send({ value: sent }))
  const message = error instanceof Error ? error.message : ''
  expect(message).toMatch(reason)
  expect(message).toMatch(/^DESERIALIZATION_FAILED: /)
  expect(message.split('DESERIALIZATION_FAILED')).toHaveLength(2)
})

test('skip leaves the record out and goes on', () => {
  const driver = doubling('skip')
  driver.input('orders').send(good, bad, good)
  expect(driver.output('doubled').readAll()).toHaveLength(2)
})

test('dead-letter writes the raw source record with what went wrong', () => {
  const driver = doubling({ deadLetter: 'dead' })
  const header = { key: 'trace', value: Uint8Array.of(7) }
  driver.input('orders').send(good)
  driver.input('orders').send({ ...bad, timestamp: 42, headers: [header] })
  const [dead] = driver.output('dead', { key: string, value: string }).readAll()
  expect(dead).toMatchObject({ key: 'b', value: '{"id":"b","amount":-1}', timestamp: 42 })
  const headers = Object.fromEntries(
    (dead?.headers ?? []).map(({ key, value }) => [key, decoder.decode(value ?? undefined)]),
  )
  expect(headers).toMatchObject({
    '__millrace.errors.code': 'USER_FUNCTION_FAILED',
    '__millrace.errors.exception': 'RangeError',
    '__millrace.errors.message': 'no such amount: -1',
    '__millrace.errors.node': 'double',
    '__millrace.errors.topic': 'orders',
    '__millrace.errors.partition': '0',
    '__millrace.errors.offset': '1',
  })
  expect(dead?.headers[0]).toEqual(header)
})

test('bytes that the serde refuses meet the policy of the source before any operator runs', () => {
  let seen = 0
  const made = topology('orders', (t) => {
    const orders = t.stream('orders', { value: json<Order>(), onError: { deadLetter: 'dead' } })
    orders.groupByKey().count('counts')
    orders.peek(() => {
      seen += 1
    })
  })
  const driver = new TopologyTestDriver(made)
  const key = new TextEncoder().encode('a')
  driver.input('orders').sendBytes({ key, value: new TextEncoder().encode('{"id":') })
  expect(driver.output('dead', { key: string, value: string }).readAll()).toMatchObject([
    { key: 'a', value: '{"id":' },
  ])
  expect(seen).toBe(0)
  expect(driver.store('counts').entries()).toEqual([])
})

test('bytes that no operator reads are not parsed, and pass through as they are', () => {
  const made = topology('orders', (t) => {
    const orders = t.stream('orders', { value: json<Order>() })
    orders.groupByKey().count('counts')
    orders.to('copies')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('orders').sendBytes({ key: Uint8Array.of(97), value: Uint8Array.of(0xff, 0xfe) })
  expect(driver.store<string, number>('counts').get('a')).toBe(1)
  const bytes = { serialize: (b: Uint8Array) => b, deserialize: (b: Uint8Array) => b.slice() }
  const serdes = { key: string, value: { name: 'raw', ...bytes } }
  expect(driver.output('copies', serdes).readKeyValues()).toEqual([
    ['a', Uint8Array.of(0xff, 0xfe)],
  ])
})

test('a skipped record keeps what other branches did with it', () => {
  const made = topology('orders', (t) => {
    const orders = t.stream('orders', { value: string })
    orders.to('copies')
    orders
      .mapValues(
        () => {
          throw new Error('never')
        },
        { onError: 'skip' },
      )
      .to('mapped')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('orders').send({ value: 'x' })
  expect(driver.output('copies').readAll()).toHaveLength(1)
  expect(driver.output('mapped').readAll()).toHaveLength(0)
})

test('an aggregate that was changed in place before its function threw is put back', () => {
  const made = topology('lists', (t) => {
    t.stream('items', { value: string })
      .groupByKey()
      .aggregate('lists', {
        init: (): string[] => [],
        add: (list, item) => {
          list.push(item)
          if (item === 'poison') throw new Error('cannot be stored')
          return list
        },
        onError: 'skip',
      })
  })
  const driver = new TopologyTestDriver(made)
  const items = driver.input<string, string>('items')
  items.send({ key: 'k', value: 'poison' })
  expect(driver.store('lists').get('k')).toBeUndefined()
  items.send({ key: 'k', value: 'a' }, { key: 'k', value: 'poison' }, { key: 'k', value: 'b' })
  expect(driver.store('lists').get('k')).toEqual(['a', 'b'])
})

test('a generator that throws halfway has no part of its answer passed on', () => {
  const made = topology('words', (t) => {
    t.stream('lines', { value: string })
      .flatMapValues(
        function* split(line) {
          yield line
          throw new Error('halfway')
        },
        { onError: 'skip' },
      )
      .to('words')
  })
  const driver = new TopologyTestDriver(made)
  driver.input('lines').send({ value: 'x' })
  expect(driver.output('words').readAll()).toEqual([])
})

test('a value that the serde of a sink refuses meets the policy of the sink', () => {
  const made = topology('numbers', (t) => {
    t.stream('lines', { value: string })
      .mapValues((line) => (line === 'none' ? Symbol('none') : line))
      .to('texts', { value: json(), onError: { deadLetter: 'dead' } })
  })
  const driver = new TopologyTestDriver(made)
  driver.input('lines').send({ value: 'a' }, { value: 'none' })
  expect(driver.output('texts').readAll()).toHaveLength(1)
  expect(driver.output('dead', { key: string, value: string }).readKeyValues()).toEqual([
    [null, 'none'],
  ])
})

test('a change that was emitted at a cut and fails is buried with its key and value', () => {
  const made = topology('counts', (t) => {
    t.stream('lines', { value: string })
      .groupByKey()
      .count('counts', { emit: 'commit' })
      .toStream()
      .peek(
        () => {
          throw new Error('never')
        },
        { name: 'show', onError: { deadLetter: 'dead' } },
      )
  })
  const driver = new TopologyTestDriver(made)
  driver.input('lines').send({ key: 'k', value: 'x' })
  driver.commit()
  const [dead] = driver.output('dead', { key: string, value: int64 }).readAll()
  expect(dead).toMatchObject({ key: 'k', value: 1 })
  const offset = dead?.headers.find(({ key }) => key === '__millrace.errors.offset')
  expect(decoder.decode(offset?.value ?? undefined)).toBe('-1')
})

test('a record with a negative timestamp is refused with advice', () => {
  const driver = doubling('fail')
  const error = thrownBy(() => driver.input('orders').send({ ...good, timestamp: -1 }))
  expect(error).toMatchObject({ code: 'INVALID_TIMESTAMP', where: { offset: 0 } })
})

test('a timestamp function has to give whole milliseconds', () => {
  for (const given of [1_700_000_000.5, Number.NaN, Number.POSITIVE_INFINITY, -1]) {
    const made = topology('lines', (t) => {
      t.stream('lines', { value: string, timestamp: () => given }).to('copies')
    })
    const driver = new TopologyTestDriver(made)
    expect(() => driver.input('lines').send({ value: 'x' })).toThrow('INVALID_TIMESTAMP')
  }
})

test('an answer that is no pair of key and value is told as such', () => {
  const answers: readonly unknown[] = ['ab', undefined, ['a'], ['a', 'b', 'c']]
  for (const answer of answers) {
    const made = topology('lines', (t) => {
      const lines = t.stream('lines', { value: string })
      lines.map(() => answer as [string, string], { onError: { deadLetter: 'dead' } }).to('one')
      lines.flatMap(() => [['k', 'v'], answer as [string, string]], { onError: 'skip' }).to('many')
    })
    const driver = new TopologyTestDriver(made)
    driver.input('lines').send({ value: 'x' })
    const [dead] = driver.output('dead').readAll()
    const message = dead?.headers.find(({ key }) => key === '__millrace.errors.message')
    expect(decoder.decode(message?.value ?? undefined)).toContain('where [key, value] is wanted')
    expect(driver.output('many').readAll()).toEqual([])
  }
})

test('a partitioner that names a partition that is not there is refused', () => {
  const made = topology('lines', (t) => {
    t.stream('lines', { value: string }).to('copies', { partitioner: () => 1 })
  })
  const driver = new TopologyTestDriver(made)
  expect(() => driver.input('lines').send({ value: 'x' })).toThrow('INVALID_PARTITION')
})

test('an answer that is no list is told as such, not taken for an empty one', () => {
  for (const answer of [5, true, { length: 0 }, null, undefined]) {
    const made = topology('lines', (t) => {
      const lines = t.stream('lines', { value: string })
      lines.flatMapValues(() => answer as unknown as string[], { name: 'words' }).to('copies')
    })
    const driver = new TopologyTestDriver(made)
    expect(() => driver.input('lines').send({ value: 'x' })).toThrow(
      `it answered ${JSON.stringify(answer)} where an array or iterable is wanted. Correct it`,
    )
  }
})

test('a value that its serde cannot write is told once, with the serde and the operator', () => {
  const made = topology('lines', (t) => {
    t.stream('lines', { value: string })
      .mapValues(() => 5)
      .to('copies', { value: int64 })
    t.stream('keys')
      .selectKey(() => 5)
      .to('copies', { name: 'by-number' })
  })
  const driver = new TopologyTestDriver(made)
  expect(() => driver.input('keys').send({ key: 'k', value: 1 })).toThrow(
    'SERIALIZATION_FAILED: the serde cannot write a key or value: string cannot write the ' +
      'number 5: it takes a string; state the serde of other types, as in { key: int64 }. ' +
      "Correct it, or give the operator onError 'skip' or a dead-letter topic " +
      '(task 1_0, node by-number, topic keys, partition 0, offset 0)',
  )
})
