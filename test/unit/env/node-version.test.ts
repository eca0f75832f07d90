import { expect, test } from '@jest/globals'
import { nodeProblem } from '../../../src/env/node-version.ts'

test('versions from 22.22 on are taken', () => {
  for (const version of ['22.22.0', '22.23.1', '24.0.0', '26.10.0']) {
    expect(nodeProblem(version)).toBeUndefined()
  }
})

test('an older version is refused with the version that is needed and a way to get it', () => {
  for (const version of ['20.20.2', '22.21.9', '18.0.0']) {
    expect(nodeProblem(version)).toMatch(`needs Node.js 22.22 or newer; this is ${version}`)
    expect(nodeProblem(version)).toMatch('npm ci')
  }
})
