import { clientMutations } from './client.ts'
import { epochMutations } from './epochs.ts'
import { foundMutations } from './found.ts'
import type { Edit, Mutation } from './mutation.ts'
import { stateMutations } from './state.ts'

export const mutations: readonly Mutation[] = [
  ...foundMutations,
  ...clientMutations,
  ...epochMutations,
  ...stateMutations,
]

/** A file with one edit of a defect. @throws Error where its text is not there exactly once */
export function mutated({ name }: Mutation, { file, find, replace }: Edit, text: string): string {
  const parts = text.split(textOf(find))
  if (parts.length !== 2) {
    throw new Error(`"${name}" fits ${parts.length - 1} places of ${file}; correct its text`)
  }
  return parts.join(textOf(replace))
}

function textOf(text: string | readonly string[]): string {
  return typeof text === 'string' ? text : text.join('\n')
}
