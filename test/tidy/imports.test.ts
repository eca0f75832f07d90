import { expect, test } from '@jest/globals'
import { folderOf, importTable } from './import-table.ts'
import { codeOnly, type SourceFile, sourceFiles } from './tree.ts'

const files = sourceFiles('src')

test('every file of src belongs to a folder of the import table', () => {
  expect(files.map((file) => file.path).filter((path) => folderOf(path) === undefined)).toEqual([])
  expect(files.length).toBeGreaterThan(30)
})

test('a folder imports only what its row allows', () => {
  expect(files.flatMap(forbiddenImports)).toEqual([])
})

function forbiddenImports(file: SourceFile): readonly string[] {
  const own = folderOf(file.path) ?? ''
  const rule = importTable[own]
  if (rule === undefined) return []
  return file.imports.flatMap(({ specifier, target }) => {
    if (target === undefined) return rule.pure ? [`${file.path} imports ${specifier}`] : []
    if (rule.mayImport === 'all') return []
    const allowed = [own, ...rule.mayImport].some(
      (folder) => target === folder || target.startsWith(`${folder}/`),
    )
    return allowed ? [] : [`${file.path} imports ${target}`]
  })
}

const impure =
  /\basync\b|\bawait\b|\bPromise\b|\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b|\bperformance\.|\bprocess\.|\bconsole\./

test('pure folders know no promise, clock, timer, randomness or console', () => {
  const found = files
    .filter((file) => importTable[folderOf(file.path) ?? '']?.pure === true)
    .flatMap((file) =>
      codeOnly(file.text)
        .split('\n')
        .flatMap((line, i) => (impure.test(line) ? [`${file.path}:${i + 1} ${line.trim()}`] : [])),
    )
  expect(found).toEqual([])
})

test('no cycle of imports by value, and none across folders even by type', () => {
  const byValue = new Map(
    files.map((file) => [
      file.path,
      file.imports.flatMap((i) => (i.target !== undefined && !i.typeOnly ? [i.target] : [])),
    ]),
  )
  const folders = new Map<string, string[]>()
  for (const file of files) {
    const own = topFolder(file.path)
    const targets = file.imports.flatMap((i) =>
      i.target === undefined ? [] : [topFolder(i.target)],
    )
    folders.set(own, [...(folders.get(own) ?? []), ...targets.filter((target) => target !== own)])
  }
  expect(cycle(byValue)).toBeUndefined()
  expect(cycle(folders)).toBeUndefined()
})

function topFolder(path: string): string {
  return folderOf(path) ?? path
}

/** One cycle of the graph, as the names on it; undefined where there is none. */
function cycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: string): readonly string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return undefined
    path.push(node)
    for (const next of graph.get(node) ?? []) {
      const found = visit(next)
      if (found !== undefined) return found
    }
    path.pop()
    done.add(node)
    return undefined
  }
  for (const node of graph.keys()) {
    const found = visit(node)
    if (found !== undefined) return found
  }
  return undefined
}
