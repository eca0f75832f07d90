import { assertNever } from '../model/errors.ts'
import type { Failures } from '../operators/failures.ts'
import { FilterStep } from '../operators/filter.ts'
import { FlatMapStep } from '../operators/flat-map.ts'
import { FlatMapValuesStep } from '../operators/flat-map-values.ts'
import { MapStep } from '../operators/map.ts'
import { MapValuesStep } from '../operators/map-values.ts'
import { PeekStep } from '../operators/peek.ts'
import { SelectKeyStep } from '../operators/select-key.ts'
import type { OperatorSpec } from '../operators/spec.ts'
import type { Step } from '../operators/step.ts'

type StatelessKind =
  | 'map'
  | 'map-values'
  | 'flat-map'
  | 'flat-map-values'
  | 'filter'
  | 'select-key'
  | 'peek'

/** Operators of one input and output that keep nothing. */
export function linkStateless(
  spec: Extract<OperatorSpec, { readonly kind: StatelessKind }>,
  failures: Failures,
  next: Step,
): Step {
  switch (spec.kind) {
    case 'map':
      return new MapStep(spec, failures, next)
    case 'map-values':
      return new MapValuesStep(spec, failures, next)
    case 'flat-map':
      return new FlatMapStep(spec, failures, next)
    case 'flat-map-values':
      return new FlatMapValuesStep(spec, failures, next)
    case 'filter':
      return new FilterStep(spec, failures, next)
    case 'select-key':
      return new SelectKeyStep(spec, failures, next)
    case 'peek':
      return new PeekStep(spec, failures, next)
    default:
      return assertNever(spec)
  }
}
