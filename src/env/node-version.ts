/** What `engines` in package.json asks for; an entry point checks it before it loads anything. */
const oldest = { major: 22, minor: 22 } as const

/** What to tell somebody who runs us on too old a Node.js; undefined where it will do. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return undefined
  return (
    `Millrace needs Node.js ${oldest.major}.${oldest.minor} or newer; this is ${version}. ` +
    'In a checkout, npm scripts bring their own: npm ci, then npm start or npm test ' +
    '(npm ci --ignore-scripts leaves it out).'
  )
}

/**
 * Ends the process with that message. To be called before the rest of the program is imported,
 * dynamically, because older versions already fail while they link it.
 */
export function requireNode(): void {
  const problem = nodeProblem(process.versions.node)
  if (problem === undefined) return
  process.stderr.write(`${problem}\n`)
  process.exit(1)
}
