import { lstat, opendir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const fileBytesMax = 2 * 1024 * 1024
const textName = /\.(md|markdown|txt)$|^(licen[cs]e|copying|notice|readme|changelog)\b/i
/** Not part of a checkout's text: version control, and what is built from the rest. */
const skippedFolders = new Set(['.git', 'dist'])

/** Which files count as text: by their names, or, in a folder that somebody names, by content. */
export type Choice = 'by-name' | 'by-content'

/** The lines of all text files below a folder, without empty ones; a sequence that is stable. */
export async function linesBelow(folder: string, choice: Choice): Promise<readonly string[]> {
  const lines: string[] = []
  for (const path of (await filesBelow(folder, choice)).sort()) {
    const text = await readFile(path)
    if (text.subarray(0, 1_000).includes(0)) continue
    for (const line of text.toString('utf8').split('\n')) {
      const content = line.trim()
      if (content !== '') lines.push(content)
    }
  }
  return lines
}

async function filesBelow(folder: string, choice: Choice): Promise<string[]> {
  const found: string[] = []
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !skippedFolders.has(entry.name)) {
      found.push(...(await filesBelow(path, choice)))
    } else if (entry.isFile() && (choice === 'by-content' || textName.test(entry.name))) {
      if ((await lstat(path)).size <= fileBytesMax) found.push(path)
    }
  }
  return found
}
