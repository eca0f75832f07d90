import { expect, test } from '@jest/globals'
import { type Duration, durationMs } from '../../../src/model/duration.ts'

test('a number is milliseconds and a text has a unit', () => {
  const durations: readonly Duration[] = [0, 1500, '500ms', '15s', '5m', '1h', '7d', '1.5s']
  expect(durations.map((duration) => durationMs(duration, 'gap'))).toEqual([
    0, 1_500, 500, 15_000, 300_000, 3_600_000, 604_800_000, 1_500,
  ])
})

test('what is no duration is refused with the name of the setting and how to write one', () => {
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => durationMs(wrong, 'idleAfter')).toThrow(/^INVALID_DURATION: idleAfter is /)
  }
  const untyped: readonly string[] = ['5', '5 s', '-1s', 's', '', '1w', '5S']
  for (const wrong of untyped) {
    // @ts-expect-error: what a JavaScript author may pass
    expect(() => durationMs(wrong, 'idleAfter')).toThrow(`idleAfter is "${wrong}": write milli`)
  }
})
