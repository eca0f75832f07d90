import type { TopicMessages } from 'kafkajs'
import { articles, verifyArticles } from '../../../cluster/verify/articles.ts'
import { randomNumbers } from '../plan.ts'
import type { Batches } from '../steady-writer.ts'
import type { ChaosSubject } from './subject.ts'

const articlesMax = 200
const articlePartitions = 3
const commentPartitions = 5
const [articlesTopic, commentsTopic] = articles.inputs
const [countedTopic, titledTopic] = articles.outputs

/**
 * Foreign keys, retraction and a left join of tables, as Kafka Streams' RelationalSmokeTest has
 * them: articles and comments come, change, move and go.
 */
export const articlesAndComments: ChaosSubject = {
  application: articles.application,
  topology: 'topologies/articles-and-comments.ts',
  topics: [
    { topic: articlesTopic, numPartitions: articlePartitions },
    { topic: countedTopic, numPartitions: articlePartitions },
    { topic: commentsTopic, numPartitions: commentPartitions },
    { topic: titledTopic, numPartitions: commentPartitions },
  ],
  worked: articles.worked,
  recordsPerSecond: 500,
  load: editorialWork,
  verify: verifyArticles,
}

/** Few articles have most of the comments. A tenth of all changes are deletions. */
function editorialWork(seed: number): Batches {
  const random = randomNumbers(seed)
  let comments = 0
  let changes = 0
  const article = () => `article-${Math.floor(articlesMax * random() ** 3)}`
  const deleted = () => random() < 0.1
  const change = () => {
    changes += 1
    if (random() < 0.15) {
      const value = deleted() ? null : JSON.stringify({ title: `title ${changes}` })
      return { topic: articlesTopic, key: article(), value }
    }
    const isNew = comments === 0 || random() < 0.6
    if (isNew) comments += 1
    const key = `comment-${isNew ? comments : 1 + Math.floor(comments * random())}`
    const value = deleted() ? null : JSON.stringify({ article: article(), text: `text ${changes}` })
    return { topic: commentsTopic, key, value }
  }
  return (count) => {
    const messages: Record<string, TopicMessages['messages']> = {}
    for (let at = 0; at < count; at += 1) {
      const { topic, ...message } = change()
      messages[topic] = [...(messages[topic] ?? []), message]
    }
    return Object.entries(messages).map(([topic, some]) => ({ topic, messages: some }))
  }
}
