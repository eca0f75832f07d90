import { expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import accountLedger from '../../../topologies/account-ledger.ts'

test('enters what the balance allows, once for each command, whatever crashes', () => {
  const driver = new TopologyTestDriver(accountLedger)
  const command = (account: string, id: string, amount: number) =>
    driver.input('commands').send({ key: account, value: { id, amount } })
  command('ann', 'a', 100)
  command('ann', 'b', -70)
  driver.commit()
  command('ann', 'c', -40)
  driver.crash()
  command('ann', 'b', -70)
  command('bob', 'b', 5)
  expect(driver.output('entries').readKeyValues()).toEqual([
    ['ann', { id: 'a', amount: 100, balance: 100 }],
    ['ann', { id: 'b', amount: -70, balance: 30 }],
    ['bob', { id: 'b', amount: 5, balance: 5 }],
  ])
  expect(driver.output('rejections').readKeyValues()).toEqual([
    ['ann', { id: 'c', amount: -40, reason: 'the balance is 30' }],
  ])
  expect(driver.store('ledger-balance').entries()).toEqual([
    ['ann', 30],
    ['bob', 5],
  ])
})
