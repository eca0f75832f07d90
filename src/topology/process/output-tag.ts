import type { OutputTag } from '../../operators/output-tag.ts'
import type { Serde } from '../../serde/serde.ts'
import { checkSerde } from '../checks.ts'
import type { Flow } from '../draft.ts'
import { refuse } from '../failures.ts'
import { checkLabel } from '../names.ts'

/**
 * Names a side output: `const late = outputTag('late', json<Order>())`. The operator that fills it
 * lists it in `sides`; `sideOutput(late)` of what it answers is the stream of what came.
 */
export function outputTag<T>(name: string, value: Serde<T>): OutputTag<T> {
  checkLabel('outputTag()', name)
  checkSerde(`the serde of outputTag("${name}")`, value)
  return Object.freeze({ kind: 'output-tag', name, value })
}

export function checkTags(
  what: string,
  tags: readonly OutputTag<unknown>[],
): readonly OutputTag<unknown>[] {
  if (!Array.isArray(tags) || tags.some((tag) => tag?.kind !== 'output-tag')) {
    throw refuse('INVALID_ARGUMENT', `sides of ${what} is no list of what outputTag() answers`)
  }
  const names = tags.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return Object.freeze([...tags])
  throw refuse('DUPLICATE_NAME', `sides of ${what} has two tags named "${twice}"`)
}

/** The flow of one side output of the operator that a stream comes out of. */
export function sideFlow<T>(flow: Flow, tag: OutputTag<T>): Flow {
  const { sides, edge } = flow
  const at = sides?.node === edge.node ? sides.tags.findIndex((one) => one === tag) : -1
  if (at >= 0) {
    return {
      ...flow,
      edge: Object.freeze({ node: edge.node, port: at + 1 }),
      value: { serde: tag.value, node: edge.node },
      sides: undefined,
    }
  }
  throw refuse(
    'INVALID_ARGUMENT',
    `sideOutput("${tag?.name}") follows no operator that has this very tag among its sides: ` +
      'call it on what the operator answers, before any other operator',
  )
}
