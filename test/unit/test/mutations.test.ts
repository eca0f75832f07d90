import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { projectRoot } from '../../../cluster/root.ts'
import { mutated, mutations } from '../../simulation/mutations/all.ts'

test.each(mutations)('the defect "$name" still has its places in the source', (mutation) => {
  for (const edit of mutation.edits) {
    const text = readFileSync(join(projectRoot, edit.file), 'utf8')
    expect(mutated(mutation, edit, text)).not.toBe(text)
  }
})
