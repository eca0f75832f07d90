import { articlesAndComments } from './articles.ts'
import type { ChaosSubject } from './subject.ts'
import { wordCount } from './word-count.ts'

export const subjects: ReadonlyMap<string, ChaosSubject> = new Map(
  [wordCount, articlesAndComments].map((subject) => [subject.application, subject]),
)
