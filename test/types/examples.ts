/** The code of README.md and docs/, as files that can be compiled and run. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../tidy/tree.ts'

export interface Example {
  /** `tables-2`: the second example of docs/tables.md. */
  readonly name: string
  /** Of the file that it was written to. */
  readonly path: string
  readonly text: string
}

/** Inside of the package, so that `millrace` is found as its users find it. */
export const examplesFolder = join(root, 'dist/examples')

/**
 * What an example takes for granted stands before it in a comment that readers do not see: `<!--
 * given`, code, `-->`.
 */
const fence = /(?:<!-- given\n(?<given>[\s\S]*?)-->\s*)?```ts\n(?<code>[\s\S]*?)```/g

export function writeExamples(): readonly Example[] {
  rmSync(examplesFolder, { recursive: true, force: true })
  mkdirSync(examplesFolder, { recursive: true })
  copyFileSync(join(root, 'topologies/word-count.ts'), join(examplesFolder, 'word-count.ts'))
  return documents().flatMap(({ page, text }) =>
    Array.from(text.matchAll(fence), ({ groups }, at) => {
      const name = `${page}-${at + 1}`
      const example = `${groups?.['given'] ?? ''}${groups?.['code'] ?? ''}`
      const path = join(examplesFolder, `${name}.ts`)
      // A file without imports or exports would share its names with the others.
      writeFileSync(path, `${example}\nexport {}\n`)
      return { name, path, text: example }
    }),
  )
}

function documents() {
  const pages = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))
  return ['README.md', ...pages.map((page) => `docs/${page}`)].map((path) => ({
    page: path
      .replace(/^docs\//, '')
      .replace(/\.md$/, '')
      .toLowerCase(),
    text: readFileSync(join(root, path), 'utf8'),
  }))
}
