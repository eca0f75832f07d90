import { articlesAndComments } from './articles.ts'
import { smokeTest } from './smoke.ts'
import type { ChaosSubject } from './subject.ts'
import { wordCount } from './word-count.ts'

export const subjects: ReadonlyMap<string, ChaosSubject> = new Map(
  [wordCount, articlesAndComments, smokeTest].map((subject) => [subject.application, subject]),
)
