/** Reads the source tree as text: files, their imports, their folder. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout: compiled tests are in `dist/test/tidy`. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

export interface Import {
  readonly specifier: string
  /** Path from the checkout for relative imports, undefined for packages. */
  readonly target: string | undefined
  readonly typeOnly: boolean
}

export interface SourceFile {
  /** From the checkout, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: readonly string[]
  readonly imports: readonly Import[]
}

/** All TypeScript files below these folders. */
export function sourceFiles(...folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) => walk(join(root, folder))).map(read)
}

function walk(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('node_modules'))
    .toSorted()
}

function read(path: string): SourceFile {
  const text = readFileSync(path, 'utf8')
  return {
    path: relative(root, path),
    text,
    lines: text.split('\n'),
    imports: importsOf(path, withoutComments(text)),
  }
}

const statement =
  /^\s*(?:import|export)\s+(type\s)?(?:([\w$*\s{},]*?)\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm

function importsOf(path: string, text: string): readonly Import[] {
  return Array.from(text.matchAll(statement), (match) => {
    const specifier = match[3] ?? match[4] ?? ''
    const names = (match[2] ?? '').replace(/[{}]/g, '').split(',')
    const allTypes = names.every((name) => name.trim() === '' || name.trim().startsWith('type '))
    const typeOnly = match[1] !== undefined || (match[2] !== undefined && allTypes)
    const target = specifier.startsWith('.')
      ? relative(root, resolve(dirname(path), specifier))
      : undefined
    return { specifier, target, typeOnly }
  })
}

/** Comments blanked, so that words in them count for nothing; line numbers stay. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/[^\n]*/g, '$1')
}

/** Comments and the contents of strings blanked. */
export function codeOnly(text: string): string {
  return withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''")
}
