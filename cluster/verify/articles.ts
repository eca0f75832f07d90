/** `topologies/articles-and-comments.ts` against its inputs, both read from Kafka. */
import { differences, type Rows } from './differences.ts'
import { LogReader } from './log-reader.ts'
import { hangingPartitions, partitionsBehind } from './settled.ts'

const application = 'articles-and-comments'
const internal = [
  'by-article-repartition',
  'with-article-subscriptions-repartition',
  'with-article-answers-repartition',
].map((topic) => `${application}-${topic}`)
const changelogs = ['comment-counts', 'with-article-subscriptions', 'with-article'].map(
  (store) => `${application}-${store}-changelog`,
)

/** Its topics, by their documented names: see `subject.ts`. */
export const articles = {
  application,
  inputs: ['articles', 'comments'],
  outputs: ['articles-with-counts', 'comments-with-titles'],
  /** All that it has to work off. */
  worked: ['articles', 'comments', ...internal],
} as const

export interface ArticlesVerdict {
  readonly problems: readonly string[]
  readonly compared: Readonly<Record<string, number>>
}

const shownMax = 20
const settleMs = 15_000

/**
 * The last row of each key has to be what follows from the last rows of the inputs: an article with
 * the number of its comments, a comment with the title of its article, and nothing else.
 */
export async function verifyArticles(brokers: string): Promise<ArticlesVerdict> {
  const reader = await LogReader.connect(brokers)
  try {
    const written = [...articles.outputs, ...internal, ...changelogs]
    const settled = [
      ...(await hangingPartitions(reader, application, written, settleMs)),
      ...(await partitionsBehind(reader, application, articles.inputs)),
    ]
    const expected = expectedOf(await rowsOf(reader, 'articles'), await rowsOf(reader, 'comments'))
    const counted = await rowsOf(reader, 'articles-with-counts')
    const titled = await rowsOf(reader, 'comments-with-titles')
    const wrong = [
      ...differences('articles-with-counts', expected.counted, counted),
      ...differences('comments-with-titles', expected.titled, titled),
    ]
    const more = wrong.length > shownMax ? [`… and ${wrong.length - shownMax} more`] : []
    return {
      problems: [...settled, ...wrong.slice(0, shownMax), ...more],
      compared: { articles: expected.counted.size, comments: expected.titled.size },
    }
  } finally {
    await reader.close()
  }
}

export function expectedOf(
  articleRows: Rows,
  commentRows: Rows,
): { readonly counted: Rows; readonly titled: Rows } {
  const counts = new Map<string, number>()
  const titled = new Map<string, unknown>()
  for (const [key, comment] of commentRows) {
    const { article, text } = comment as { readonly article: string; readonly text: string }
    counts.set(article, (counts.get(article) ?? 0) + 1)
    const found = articleRows.get(article) as { readonly title: string } | undefined
    if (found !== undefined) titled.set(key, { text, title: found.title })
  }
  const counted = new Map<string, unknown>()
  for (const [key, article] of articleRows) {
    const { title } = article as { readonly title: string }
    counted.set(key, { title, comments: counts.get(key) ?? 0 })
  }
  return { counted, titled }
}

/** The last value of each key that has one. */
async function rowsOf(reader: LogReader, topic: string): Promise<Rows> {
  const rows = new Map<string, unknown>()
  await reader.readAll(topic, (_, { key, value }) => {
    const name = key?.toString() ?? ''
    if (value === null) rows.delete(name)
    else rows.set(name, JSON.parse(value.toString()))
  })
  return rows
}
