import { expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import fraudDetection from '../../../topologies/fraud-detection.ts'

test('alerts on a large transaction within a minute of a small one, and on no other', () => {
  const driver = new TopologyTestDriver(fraudDetection)
  let id = 0
  const pay = (account: string, amount: number, timestamp: number) => {
    id += 1
    const value = { id: `t${id}`, amount }
    driver.input('transactions').send({ key: account, value, timestamp })
  }
  pay('ann', 0.5, 0)
  pay('bob', 0.5, 10)
  pay('bob', 20, 20)
  driver.commit()
  driver.crash()
  pay('ann', 600, 59_999)
  pay('bob', 700, 59_999)
  pay('ann', 0.1, 60_000)
  pay('cy', 1, 130_000)
  pay('ann', 800, 130_000)
  expect(driver.output('alerts').readKeyValues()).toEqual([
    ['ann', { account: 'ann', transaction: 't4' }],
  ])
  driver.commit()
  expect(driver.store('detector-timers').entries()).toEqual([])
})
