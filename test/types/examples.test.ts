import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { root } from '../tidy/tree.ts'
import { examplesFolder, writeExamples } from './examples.ts'

const examples = writeExamples()

test('the examples of README and docs compile', () => {
  const compilerOptions = {
    noEmit: true,
    rootDir: '../..',
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    // Examples name things that nothing uses.
    noUnusedLocals: false,
  }
  const config = { extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'], exclude: [] }
  writeFileSync(join(examplesFolder, 'tsconfig.json'), JSON.stringify(config))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', examplesFolder], {
    encoding: 'utf8',
  })
  expect(stdout).toBe('')
  expect(examples.length).toBeGreaterThan(15)
})

test('each topology among them can be run', () => {
  const topologies = examples.filter(({ text }) => text.includes('export default topology('))
  const script = `
    const { TopologyTestDriver } = await import('millrace/testing')
    for (const path of process.argv.slice(1)) {
      const { default: topology } = await import(path)
      const driver = new TopologyTestDriver(topology)
      driver.commit()
      driver.crash()
    }`
  const flags = ['--no-warnings', '--input-type=module', '--eval', script]
  const paths = topologies.map(({ path }) => path)
  execFileSync(process.execPath, [...flags, ...paths], { cwd: examplesFolder })
  expect(topologies.length).toBeGreaterThan(4)
})

test('each script of the test driver among them runs to its end', () => {
  const scripts = examples.filter(({ text }) => text.includes('new TopologyTestDriver('))
  for (const { path } of scripts) {
    execFileSync(process.execPath, ['--no-warnings', path], { cwd: examplesFolder })
  }
  expect(scripts.length).toBeGreaterThan(1)
})
