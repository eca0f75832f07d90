import { expect, test } from '@jest/globals'
import { lineOfRecord, recordOfLine } from '../../../../src/cli/dev/lines.ts'
import { json } from '../../../../src/serde/json.ts'
import { bigint64, double, int32, int64 } from '../../../../src/serde/numbers.ts'
import { boolean, bytes } from '../../../../src/serde/plain.ts'
import type { Serde } from '../../../../src/serde/serde.ts'
import { string, uuid } from '../../../../src/serde/text.ts'

const values: readonly [serde: Serde<unknown>, text: string][] = [
  [string, 'a line of text'],
  [int32, '-5'],
  [int64, '9007199254740991'],
  [bigint64, '9223372036854775807'],
  [double, '1.5'],
  [boolean, 'false'],
  [uuid, '123e4567-e89b-12d3-a456-426614174000'],
  [json(), '{"a":[1,2]}'],
]

test('a line becomes a record of the topic and back', () => {
  for (const [serde, text] of values) {
    const serdes = { key: string, value: serde }
    const { key, value } = recordOfLine(`k=${text}`, 1, serdes, '=')
    expect(lineOfRecord('out', serdes, key, value)).toBe(`out\tk\t${text}\n`)
  }
})

test('without a separator the whole line is the value, and there is no key', () => {
  const { key, value } = recordOfLine('a=b', 1, { key: string, value: string }, undefined)
  expect([key, Buffer.from(value).toString()]).toEqual([undefined, 'a=b'])
})

test('null, bytes and values of unknown serdes have a text too', () => {
  const view = Uint8Array.of(1, 255)
  expect(lineOfRecord('t', { key: bytes, value: bytes }, view, undefined)).toBe('t\t01ff\tnull\n')
  expect(lineOfRecord('t', undefined, undefined, Buffer.from('raw'))).toBe('t\tnull\traw\n')
})

test('a line that its serde cannot take is named by its number', () => {
  const wrong: readonly [line: string, value: Serde<unknown>, separator: string | undefined][] = [
    ['twelve', int64, undefined],
    ['', int32, undefined],
    ['1.5', bigint64, undefined],
    ['yes', boolean, undefined],
    ['no separator', string, '\t'],
  ]
  for (const [line, value, separator] of wrong) {
    expect(() => recordOfLine(line, 7, { key: string, value }, separator)).toThrow(
      'INPUT_LINE_INVALID: line 7 is left out: ',
    )
  }
})
