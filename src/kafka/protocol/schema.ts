/**
 * The vocabulary of the message tables: one table per request and response gives encoder, decoder
 * and the TypeScript type of the message. A range of versions is written as Kafka writes it:
 * `'0+'`, `'3-7'`, `'2'`.
 */
export type Versions = `${number}` | `${number}+` | `${number}-${number}` | 'none'

export type ScalarType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'string'
  | 'bytes'
  | 'records'
  | 'uuid'

interface ScalarValues {
  bool: boolean
  int8: number
  int16: number
  uint16: number
  int32: number
  uint32: number
  int64: number
  float64: number
  string: string
  bytes: Uint8Array
  records: Uint8Array
  /** 16 bytes as 32 hexadecimal digits; all zero stands for "none". */
  uuid: string
}

export interface FieldOptions<D = unknown> {
  /** Versions in which the value may be null. */
  readonly nullable?: Versions
  /** The value where a version lacks the field, or where the sender leaves it out. */
  readonly default?: D
  /** Number of the tagged field, in the versions of `tagged`. */
  readonly tag?: number
  readonly tagged?: Versions
  /** Versions of the flexible encoding, where they differ from the message's. */
  readonly flexible?: Versions
}

export type FieldType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'struct'; readonly fields: Fields }
  | { readonly kind: 'array'; readonly element: FieldType }

/** One field; `Value` is carried for the type system only. */
export interface Field<Value = unknown, Optional extends boolean = boolean> {
  readonly type: FieldType
  readonly versions: Versions
  readonly options: FieldOptions
  readonly _value?: Value
  readonly _optional?: Optional
}

export interface Fields {
  readonly [name: string]: Field
}

type FieldValue<F> = F extends Field<infer V> ? V : never
type OptionalNames<S> = {
  [N in keyof S]: S[N] extends Field<unknown, infer O> ? (true extends O ? N : never) : never
}[keyof S]

/** A message as decoded: every field is there, with its default where the version lacks it. */
export type Decoded<S> = { readonly [N in keyof S]: DecodedValue<FieldValue<S[N]>> }
type DecodedValue<V> =
  V extends Nested<infer S>
    ? Decoded<S>
    : V extends NestedArray<infer S>
      ? readonly Decoded<S>[]
      : V

/** A message to encode: fields with a default may be left out. */
export type Encodable<S> = {
  readonly [N in Exclude<keyof S, OptionalNames<S>>]: EncodableValue<FieldValue<S[N]>>
} & { readonly [N in OptionalNames<S>]?: EncodableValue<FieldValue<S[N]>> }
type EncodableValue<V> =
  V extends Nested<infer S>
    ? Encodable<S>
    : V extends NestedArray<infer S>
      ? readonly Encodable<S>[]
      : V

export interface Nested<S> {
  readonly _struct: S
}
export interface NestedArray<S> {
  readonly _elements: S
}

type Null<O> = O extends { readonly nullable: Versions } ? null : never
type IsOptional<V extends Versions, O> = O extends { readonly default: unknown }
  ? true
  : V extends '0+'
    ? false
    : true

/** Options that set nothing. */
interface NoOptions extends FieldOptions {
  readonly nullable?: never
  readonly default?: never
}

/** A field of a primitive type. */
export function field<
  T extends ScalarType,
  V extends Versions,
  const O extends FieldOptions = NoOptions,
>(type: T, versions: V, options?: O): Field<ScalarValues[T] | Null<O>, IsOptional<V, O>> {
  return { type: { kind: 'scalar', scalar: type }, versions, options: options ?? {} }
}

/** An array of a primitive type. */
export function list<
  T extends ScalarType,
  V extends Versions,
  const O extends FieldOptions = NoOptions,
>(
  type: T,
  versions: V,
  options?: O,
): Field<readonly ScalarValues[T][] | Null<O>, IsOptional<V, O>> {
  return {
    type: { kind: 'array', element: { kind: 'scalar', scalar: type } },
    versions,
    options: options ?? {},
  }
}

/** An array of structures. */
export function structs<
  const S extends Fields,
  V extends Versions,
  const O extends FieldOptions = NoOptions,
>(fields: S, versions: V, options?: O): Field<NestedArray<S> | Null<O>, IsOptional<V, O>> {
  return {
    type: { kind: 'array', element: { kind: 'struct', fields } },
    versions,
    options: options ?? {},
  }
}

/** One structure inside another. */
export function struct<
  const S extends Fields,
  V extends Versions,
  const O extends FieldOptions = NoOptions,
>(fields: S, versions: V, options?: O): Field<Nested<S> | Null<O>, IsOptional<V, O>> {
  return { type: { kind: 'struct', fields }, versions, options: options ?? {} }
}

/** One API: the tables of its request and response. */
export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number
  readonly name: string
  /** Versions that the tables cover. */
  readonly versions: Versions
  /** Versions of the flexible (compact, tagged) encoding. */
  readonly flexible: Versions
  readonly request: Request
  readonly response: Response
}

export function api<const Request extends Fields, const Response extends Fields>(
  table: Api<Request, Response>,
): Api<Request, Response> {
  return table
}

/** A range as numbers; `none` is empty (from > to). */
export function versionRange(versions: Versions): { readonly from: number; readonly to: number } {
  if (versions === 'none') return { from: 1, to: 0 }
  const [from, to] = versions.split('-')
  if (from === undefined) return { from: 1, to: 0 }
  if (from.endsWith('+')) return { from: Number(from.slice(0, -1)), to: 0x7fff }
  return { from: Number(from), to: Number(to ?? from) }
}

export function includes(versions: Versions | undefined, version: number): boolean {
  if (versions === undefined) return false
  const { from, to } = versionRange(versions)
  return version >= from && version <= to
}
