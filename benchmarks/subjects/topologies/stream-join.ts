import { bytes, json, monotonous, topology } from 'millrace'
import { run } from './run.ts'

interface Side {
  readonly id: number
  readonly amount: number
}

interface Pair {
  readonly left: number
  readonly right: number
  readonly amount: number
}

/** Two streams joined within 5 s, grace 5 s, by the highest time seen. */
export default topology(run.application, { key: bytes, value: json<Pair>() }, (t) => {
  const side = { value: json<Side>(), watermark: monotonous() }
  t.stream(run.left, side)
    .join(
      'pairs',
      t.stream(run.right, side),
      (left, right) => ({
        left: left.id,
        right: right.id,
        amount: left.amount + right.amount,
      }),
      { within: '5s', grace: '5s' },
    )
    .to(run.output)
})
