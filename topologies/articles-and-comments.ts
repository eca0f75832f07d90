import { int32, json, topology } from 'millrace'

interface Article {
  readonly title: string
}
interface Comment {
  readonly article: string
  readonly text: string
}

/** Articles with the number of their comments now, and comments with the title of their article. */
export default topology('articles-and-comments', (t) => {
  const articles = t.table('articles', { value: json<Article>() })
  const comments = t.table('comments', { value: json<Comment>() })

  const counts = comments
    .groupBy('by-article', ({ article }) => [article, 1], { value: int32 })
    .count('comment-counts')
  articles
    .leftJoin('with-count', counts, ({ title }, count) => ({ title, comments: count ?? 0 }))
    .to('articles-with-counts')

  comments
    .join('with-article', articles, {
      foreignKey: ({ article }) => article,
      joiner: ({ text }, { title }) => ({ text, title }),
    })
    .to('comments-with-titles')
})
