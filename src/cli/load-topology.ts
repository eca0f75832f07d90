/** Imports a topology file of the user's and takes its default export. */
import { existsSync, statSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { extname, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Topology } from '../topology/nodes.ts'
import { isTopology } from '../topology/topology.ts'
import { isStreamError } from '../model/errors.ts'
import { usage } from './failures.ts'

const extensions = ['.ts', '.mts', '.js', '.mjs']

/**
 * @param file Path as the user wrote it, from the working directory.
 * @throws StreamError `TOPOLOGY_FILE_MISSING`, `TOPOLOGY_FILE_UNSUPPORTED`, `TOPOLOGY_FILE_FAILED`,
 *   `TOPOLOGY_NOT_EXPORTED`, and whatever the topology itself is refused with
 */
export async function loadTopology(file: string): Promise<Topology> {
  const path = existing(file)
  if (!extensions.includes(extname(path))) {
    throw usage(
      'TOPOLOGY_FILE_UNSUPPORTED',
      `${file} is no module: a topology file ends in ${extensions.join(', ')}`,
    )
  }
  resolveOwnName()
  const module = await load(file, path)
  return exported(file, module)
}

/** URL of a file as the user wrote its path. */
export function fileUrl(file: string): string {
  return pathToFileURL(resolve(file)).href
}

function existing(file: string): string {
  const path = resolve(file)
  if (existsSync(path) && statSync(path).isFile()) return path
  const near = extensions.map((extension) => `${file}${extension}`).find((name) => existsSync(name))
  const advice = near === undefined ? 'check the path' : `did you mean ${near}?`
  throw usage('TOPOLOGY_FILE_MISSING', `there is no file ${file} in ${process.cwd()}: ${advice}`)
}

let resolving = false
const listeners: ((path: string) => void)[] = []

/** Tells of each module file outside of packages that is loaded from now on. */
export function onModule(listener: (path: string) => void): void {
  resolveOwnName()
  listeners.push(listener)
}

/**
 * A topology outside of any project imports `millrace` too: where the file's own folders do not
 * have the package, it is this one.
 */
function resolveOwnName(): void {
  if (resolving) return
  resolving = true
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const own = specifier === 'millrace' || specifier.startsWith('millrace/')
      if (!own) return told(nextResolve(specifier, context))
      try {
        return nextResolve(specifier, context)
      } catch {
        return nextResolve(specifier, { ...context, parentURL: import.meta.url })
      }
    },
  })
}

const ownFolder = new URL('..', import.meta.url).href

function told<Resolved extends { readonly url: string }>(resolved: Resolved): Resolved {
  const { url } = resolved
  const users = url.startsWith('file:') && !url.startsWith(ownFolder)
  if (users && !url.includes('/node_modules/')) {
    for (const listener of listeners) listener(fileURLToPath(url))
  }
  return resolved
}

async function load(file: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(fileUrl(path))
  } catch (cause) {
    // The topology's own refusal says what is wrong already; only the line is missing.
    if (isStreamError(cause)) {
      const line = lineIn(path, cause)
      if (line !== undefined) cause.message = `${cause.message} (at ${line})`
      throw cause
    }
    throw usage('TOPOLOGY_FILE_FAILED', `${file} cannot be loaded: ${reason(path, cause)}`, cause)
  }
}

function reason(path: string, cause: unknown): string {
  if (!(cause instanceof Error)) return `it throws ${String(cause)}`
  const code = 'code' in cause ? cause.code : undefined
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return (
        `${firstLine(cause)}. Node.js only strips types: enums, namespaces, parameter properties ` +
        'and decorators need a compiler; write them without, or compile the file and run the .js'
      )
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
      return 'Node.js does not strip types below node_modules: compile it, or copy it out'
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return 'this Node.js was started without type stripping; take --no-strip-types away'
    case 'ERR_MODULE_NOT_FOUND':
      return `${firstLine(cause)}; install the package, or write the path with its extension`
    default: {
      const line = lineIn(path, cause)
      return `${cause.name}: ${firstLine(cause)}${line === undefined ? '' : ` (at ${line})`}`
    }
  }
}

function firstLine(error: Error): string {
  return error.message.split('\n')[0] ?? ''
}

/** `file:line` of the first frame of the stack that is in the file. */
function lineIn(path: string, error: Error): string | undefined {
  const url = fileUrl(path)
  const stack = error.stack ?? ''
  for (const name of [url, path]) {
    const at = stack.indexOf(`${name}:`)
    if (at < 0) continue
    const position = /^:(\d+)/.exec(stack.slice(at + name.length))
    if (position !== null) return `${relative('', fileURLToPath(url))}:${position[1]}`
  }
  return undefined
}

function exported(file: string, module: Readonly<Record<string, unknown>>): Topology {
  const found = module['default']
  if (isTopology(found)) return found
  const named = Object.entries(module).find(([, value]) => isTopology(value))?.[0]
  const what =
    named !== undefined
      ? `exports a topology as "${named}", not as its default`
      : found === undefined
        ? 'has no default export'
        : `exports ${typeof found === 'function' ? 'a function' : 'something else'} as its default`
  throw usage(
    'TOPOLOGY_NOT_EXPORTED',
    `${file} ${what}: write export default topology('name', (t) => { … })`,
  )
}
