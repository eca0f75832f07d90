import { refuse } from './failures.ts'

/** What a Kafka topic may be called (apache/kafka, internals/Topic.java). */
const legal = /^[a-zA-Z0-9._-]+$/
const topicCharactersMax = 249
/** `<application>-<name>-repartition` is the longest form that a name takes. */
const longestAffix = '--repartition'.length

/** The topic that stands between the two halves of a repartition. */
export function repartitionTopic(application: string, name: string): string {
  return `${application}-${name}-repartition`
}

/** The topic that keeps a store's changes. */
export function changelogTopic(application: string, store: string): string {
  return `${application}-${store}-changelog`
}

/**
 * Checks a name that state or topics hang on.
 * @param what The call as its author wrote it: `count()`.
 */
export function checkName(what: string, application: string, name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw refuse(
      'INVALID_NAME',
      `${what} has no name: it owns a topic or state, so its first argument must name ` +
        `it, as in ${what.replace('()', "('my-name')")}`,
    )
  }
  checkCharacters(`the name of ${what}`, name)
  const tooLong = application.length + name.length + longestAffix > topicCharactersMax
  if (!tooLong) return name
  throw refuse(
    'INVALID_NAME',
    `${what} is named "${name}": with "${application}" before it, its topic's name has ` +
      `over ${topicCharactersMax} characters; shorten either`,
  )
}

/** Checks the application's name: consumer group and prefix of internal topics. */
export function checkApplication(name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw refuse(
      'INVALID_NAME',
      `a topology needs a name, its consumer group's: topology('my-application', (t) => { … })`,
    )
  }
  checkCharacters('the name of the topology', name)
  return name
}

/** Checks the optional name of an operator without state. */
export function checkLabel(what: string, name: unknown): string {
  if (typeof name === 'string' && name !== '') {
    checkCharacters(`the name of ${what}`, name)
    return name
  }
  throw refuse('INVALID_NAME', `the name of ${what} is ${JSON.stringify(name)}: write a string`)
}

function checkCharacters(what: string, name: string): void {
  if (legal.test(name) && name !== '.' && name !== '..') return
  throw refuse(
    'INVALID_NAME',
    `${what} is "${name}": only letters, digits, '.', '_' and '-' can be in a topic's name`,
  )
}

/** Checks the name of a topic that the author wrote. */
export function checkTopic(what: string, topic: unknown): string {
  if (topic instanceof RegExp) {
    throw refuse('INVALID_TOPIC', `${what} is a pattern, which t.stream() alone reads`)
  }
  const fits = typeof topic === 'string' && legal.test(topic) && topic.length <= topicCharactersMax
  if (fits && topic !== '.' && topic !== '..') return topic
  throw refuse(
    'INVALID_TOPIC',
    `${what} is ${JSON.stringify(topic)}: a topic's name has 1 to ${topicCharactersMax} ` +
      `letters, digits, '.', '_' or '-'`,
  )
}
