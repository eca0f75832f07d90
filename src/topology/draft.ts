import type { OutputTag } from '../operators/output-tag.ts'
import type { Serde } from '../serde/serde.ts'
import type { StoreSpec } from '../state/spec.ts'
import { checkSerde } from './checks.ts'
import { refuse } from './failures.ts'
import { checkLabel, checkName } from './names.ts'
import type { Edge, SerdeReason, Topology, TopologyNode } from './nodes.ts'

/** A serde that keys or values have had since node `node`, which stated it or took the default. */
export interface KnownSerde {
  readonly serde: Serde<unknown>
  readonly node: number
}

export interface ChosenSerde {
  readonly serde: Serde<unknown>
  readonly reason: SerdeReason
}

/** What a stream or table under construction knows of itself. */
export interface Flow {
  readonly draft: Draft
  readonly edge: Edge
  /** Undefined after a mapping: the type may be another one. */
  readonly key: KnownSerde | undefined
  readonly value: KnownSerde | undefined
  /**
   * The call that changed keys since the records last came out of a topic: they are not partitioned
   * by them.
   */
  readonly rekeyedBy: string | undefined
  /** True where a source upstream gives watermarks. */
  readonly timed: boolean
  /** Side outputs of the node that this comes out of, behind its first port. */
  readonly sides?: Sides | undefined
}

interface Sides {
  readonly node: number
  readonly tags: readonly OutputTag<unknown>[]
}

/** What a table under construction knows of itself. */
export interface TableFlow extends Flow {
  readonly key: KnownSerde
  /** For errors: `table "users"`, `filter()`. */
  readonly what: string
  /** Of a table of windows: how long after its end a window closes. */
  readonly closesAfterEndMs?: number
  /** Undefined: its rows are made of those of the table before it whenever they are looked up. */
  readonly store: StoreSpec | undefined
}

interface Part {
  readonly name: string | undefined
  /** The generated name, with a number behind it where that is taken. */
  readonly label: string
  readonly make: (name: string) => TopologyNode
}

/** The graph while `build` runs: collects nodes, keeps names apart, and is closed afterwards. */
export class Draft {
  readonly application: string
  readonly #defaults: { readonly key: Serde<unknown>; readonly value: Serde<unknown> }
  readonly #parts: Part[] = []
  readonly #owners = new Map<string, string>()
  readonly #sources = new Map<string, string>()
  readonly #shared = new Map<string, object>()
  #closed = false

  constructor(
    application: string,
    defaults: { readonly key: Serde<unknown>; readonly value: Serde<unknown> },
  ) {
    this.application = application
    this.#defaults = defaults
  }

  /** Index that the next node gets. */
  get next(): number {
    return this.#parts.length
  }

  /**
   * Takes the name of something that owns a topic or state; answers the call for errors:
   * `count("words")`.
   */
  own(call: string, name: string): string {
    const checked = checkName(`${call}()`, this.application, name)
    return this.#claim(call, checked)
  }

  /** The name of a store that several operators may use, all by one declaration. */
  share(declaration: object, name: string): void {
    if (this.#shared.get(name) === declaration) return
    this.own('store', name)
    this.#shared.set(name, declaration)
  }

  /** The same for an operator whose name is only a label and may be left out. */
  label(call: string, name: string | undefined): string {
    if (name === undefined) return `${call}()`
    return this.#claim(call, checkLabel(`${call}()`, name))
  }

  #claim(call: string, name: string): string {
    const what = `${call}("${name}")`
    const other = this.#owners.get(name)
    if (other !== undefined) {
      throw refuse(
        'DUPLICATE_NAME',
        `the name "${name}" is taken by ${other}, and ${what} asks for it too: state, ` +
          'topics and metrics hang on names, so give one of them another',
      )
    }
    this.#owners.set(name, what)
    return what
  }

  /** A topic has one position in each of its partitions, so it is read in one place. */
  read(call: string, topic: string): void {
    const other = this.#sources.get(topic)
    if (other !== undefined) {
      throw refuse(
        'DUPLICATE_SOURCE',
        `the topic "${topic}" is read by ${other} and again by ${call}: keep the first ` +
          'stream in a constant and use it twice',
      )
    }
    this.#sources.set(topic, call)
  }

  /** Appends a node; `make` gets its final name once every name of the topology is known. */
  add(label: string, name: string | undefined, make: (name: string) => TopologyNode): Edge {
    if (this.#closed) {
      throw refuse(
        'TOPOLOGY_CLOSED',
        `topology "${this.application}" is built already: use its streams inside the ` +
          'function given to topology() only',
      )
    }
    this.#parts.push({ name, label, make })
    return Object.freeze({ node: this.#parts.length - 1, port: 0 })
  }

  /**
   * The serde an operator writes with: its own, else the one known from before, else the default.
   */
  choose(
    which: 'key' | 'value',
    call: string,
    stated: Serde<unknown> | undefined,
    known: KnownSerde | undefined,
  ): ChosenSerde {
    if (stated !== undefined) {
      const serde = checkSerde(`the ${which} serde of ${call}`, stated)
      return { serde, reason: Object.freeze({ kind: 'stated' }) }
    }
    if (known !== undefined) {
      return { serde: known.serde, reason: Object.freeze({ kind: 'follows', node: known.node }) }
    }
    return { serde: this.#defaults[which], reason: Object.freeze({ kind: 'default' }) }
  }

  finish(): Topology {
    if (this.#sources.size === 0) {
      throw refuse(
        'EMPTY_TOPOLOGY',
        `topology "${this.application}" reads nothing: begin with t.stream('topic')`,
      )
    }
    this.#closed = true
    const taken = new Set(this.#owners.keys())
    const nodes = this.#parts.map((part) => {
      const node = part.make(part.name ?? generated(part.label, taken))
      Object.freeze(node.inputs)
      if (node.kind === 'operator') Object.freeze(node.lookups)
      return Object.freeze(node)
    })
    return Object.freeze({
      kind: 'topology',
      name: this.application,
      nodes: Object.freeze(nodes),
    })
  }
}

/** `map-values`, and `map-values-2` for the next one without a name. */
function generated(label: string, taken: Set<string>): string {
  let name = label
  for (let count = 2; taken.has(name); count++) name = `${label}-${count}`
  taken.add(name)
  return name
}
