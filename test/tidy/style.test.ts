import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { expect, test } from '@jest/globals'
import { folderOf, importTable } from './import-table.ts'
import { codeOnly, root, type SourceFile, sourceFiles } from './tree.ts'

const folders = ['src', 'test', 'topologies', 'cluster', 'demo', 'benchmarks'].filter((folder) =>
  existsSync(join(root, folder)),
)
const files = sourceFiles(...folders)
const own = files.filter((file) => !file.path.startsWith('test/tidy/'))

function matching(pattern: RegExp, text: (file: SourceFile) => string, among = own) {
  return among.flatMap((file) =>
    text(file)
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${file.path}:${i + 1} ${line.trim()}`] : [])),
  )
}

test('a file has at most 400 lines, a test 600, and a line 100 columns', () => {
  const limit = (path: string) => (path.startsWith('test/') ? 600 : 400)
  expect(files.filter((f) => f.lines.length - 1 > limit(f.path)).map((f) => f.path)).toEqual([])
  expect(matching(/^.{101,}$/, (file) => file.text)).toEqual([])
})

test('files are named in kebab case after what is in them', () => {
  const vague = /(^|-)(manager|helpers?|utils?|impl|common|base|misc)(-|\.|$)/
  const wrong = files
    .map((file) => basename(file.path))
    .filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(name) || vague.test(name))
  expect(wrong).toEqual([])
  const names =
    /\b(class|interface|type) (\w*(Manager|Helper|Util|Utils|Impl|Common|Base)|I[A-Z][a-z]\w*)\b/
  const exceptions = /\b(NodeBase|PlanStepBase)\b/
  expect(matching(names, (file) => codeOnly(file.text)).filter((l) => !exceptions.test(l))).toEqual(
    [],
  )
})

test('nothing is left for later, and no test is skipped or always true', () => {
  expect(matching(/\b(TODO|FIXME|XXX|HACK)\b/, (file) => file.text)).toEqual([])
  const skipped = /\b(test|it|describe)\.(skip|only|todo)\(|\b(xit|xtest|xdescribe|fit|fdescribe)\(/
  expect(matching(skipped, (file) => codeOnly(file.text))).toEqual([])
  expect(matching(/expect\(true\)/, (file) => codeOnly(file.text))).toEqual([])
})

test('pure folders assert no types but constants and brands', () => {
  const pureFiles = own.filter((file) => importTable[folderOf(file.path) ?? '']?.pure === true)
  const assertion = /\bas (?!const\b)[\w{[(]/
  const allowed = ['src/model/ids.ts', 'src/kafka/protocol/codec.ts']
  const found = matching(
    assertion,
    (file) => codeOnly(file.text).replace(/^(import|export) [^\n]*$/gm, ''),
    pureFiles.filter((file) => !allowed.includes(file.path)),
  )
  expect(found).toEqual([])
})

test('every dependency is pinned and has a permissive licence', () => {
  const manifest = parse(join(root, 'package.json'))
  const names = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  expect(names.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  const licences = names.map(([name]) => {
    const folder = folderOfPackage(name)
    const { license } = parse(join(folder, 'package.json'))
    return `${name}: ${license ?? readFileSync(join(folder, 'LICENSE'), 'utf8').slice(0, 40)}`
  })
  expect(
    licences.filter((text) => !/\b(MIT|Apache-2\.0|BSD-[23]-Clause|ISC)\b/.test(text)),
  ).toEqual([])
})

/** In this tree, or further up where the package is part of a workspace. */
function folderOfPackage(name: string): string {
  const places = createRequire(join(root, 'package.json')).resolve.paths(name) ?? []
  const found = places.map((place) => join(place, name)).find((folder) => existsSync(folder))
  if (found === undefined) throw new Error(`${name} is not installed: npm ci`)
  return found
}

interface Manifest {
  readonly license?: string
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

function parse(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8'))
}
