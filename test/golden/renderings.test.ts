/**
 * Drawings and explanations, held against files. MILLRACE_GOLDEN=write writes them anew: read the
 * difference then.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import {
  boundedOutOfOrderness,
  hopping,
  json,
  string,
  topology,
  tumbling,
} from '../../src/index.ts'
import { describe } from '../../src/plan/describe.ts'
import { explain } from '../../src/plan/explain.ts'
import wordCount from '../../topologies/word-count.ts'

const folder = resolve(fileURLToPath(import.meta.url), '../../../../test/golden/expected')

function matches(file: string, text: string): void {
  const path = join(folder, file)
  if (process.env['MILLRACE_GOLDEN'] === 'write') writeFileSync(path, text)
  expect(text).toBe(readFileSync(path, 'utf8'))
}

interface Order {
  readonly customer: string
  readonly amount: number
}

const orders = topology('orders', { value: json<Order>() }, (t) => {
  const all = t.stream(['orders-eu', 'orders-us'], { name: 'orders', onError: 'skip' })
  const { large, small } = all.split(
    { large: (order) => order.amount > 1_000, small: 'rest' },
    { name: 'by-size' },
  )
  large.to('large-orders', { onError: { deadLetter: 'dead-orders' } })
  const corrections = t.stream('corrections', { key: string }).repartition('corrected')
  const totals = small
    .repartition('by-customer', { partitions: 6 })
    .merge(corrections)
    .groupByKey()
    .aggregate('totals', {
      init: () => 0,
      add: (sum, order) => sum + order.amount,
      value: json<number>(),
      emit: 'commit',
      changelog: { 'segment.ms': '600000' },
    })
  totals.to('totals', { name: 'totals-out' })
  totals.toStream().forEach(() => undefined)
  corrections.toTable('last-correction', { changelog: false })
})

const pageViews = topology('page-views', (t) => {
  const users = t.table('users', { value: json<{ region: string }>(), name: 'profiles' })
  const views = t.stream('views', { value: string, name: 'views' })
  const known = views.join('with-region', users, (page, { region }) => `${region} ${page}`)
  const counts = views.groupByKey().count('views-by-user')
  known
    .leftJoin('with-count', counts, (view, count) => `${view} ${count}`)
    .to('region-views', { value: string })
})

const clicksPerWindow = topology('clicks-per-window', (t) => {
  const keyed = t
    .stream('clicks', { value: string, watermark: boundedOutOfOrderness('2s') })
    .groupBy('by-page', (page) => page, { key: string })
  keyed
    .windowedBy(tumbling('10s'), { grace: '5s', emit: 'final' })
    .count('clicks-by-page', { changelog: { 'segment.ms': '600000' } })
    .to('clicks-per-window')
  keyed
    .windowedBy(hopping('1m', '500ms'))
    .reduce('last', (_, page) => page, { onError: 'skip' })
    .to('last-pages')
})

test('describe and explain say what the windows of a store are', () => {
  matches('clicks-per-window.describe.txt', describe(clicksPerWindow))
  matches('clicks-per-window.describe.mermaid', describe(clicksPerWindow, 'mermaid'))
  matches('clicks-per-window.explain.txt', explain(clicksPerWindow))
})

test('describe draws tables and the joins that look them up', () => {
  matches('page-views.describe.txt', describe(pageViews))
  matches('page-views.describe.mermaid', describe(pageViews, 'mermaid'))
  matches('page-views.explain.txt', explain(pageViews))
  const unequal = (topic: string) => (topic === 'views' ? 4 : 3)
  matches('page-views.explain-unequal.txt', explain(pageViews, unequal))
})

test('describe draws word count as text, Mermaid and JSON', () => {
  matches('word-count.describe.txt', describe(wordCount, 'text'))
  matches('word-count.describe.mermaid', describe(wordCount, 'mermaid'))
  matches('word-count.describe.json', describe(wordCount, 'json'))
})

test('describe draws splits, merges and chains of topics', () => {
  matches('orders.describe.txt', describe(orders))
  matches('orders.describe.mermaid', describe(orders, 'mermaid'))
})

test('explain says tasks, topics, stores and serdes with the reason for each', () => {
  matches('word-count.explain.txt', explain(wordCount))
  matches('orders.explain.txt', explain(orders))
})

test('explain counts tasks where partitions are known, and says what does not fit', () => {
  const four = () => 4
  matches('word-count.explain-four.txt', explain(wordCount, four))
  matches(
    'orders.explain-missing.txt',
    explain(orders, (topic) => (topic === 'totals' ? 1 : undefined)),
  )
})
