import { expect, test } from '@jest/globals'
import { TopologyTestDriver } from 'millrace/testing'
import userSessions from '../../../topologies/user-sessions.ts'

const minute = 60_000

test('tells a visit once, when half an hour and the grace have passed', () => {
  const driver = new TopologyTestDriver(userSessions)
  const look = (user: string, page: string, atMinute: number) =>
    driver.input('page-views').send({ key: user, value: page, timestamp: atMinute * minute })

  look('ann', '/', 0)
  look('ann', '/prices', 10)
  look('bob', '/', 20)
  driver.commit()
  driver.crash()
  look('ann', '/order', 40)
  look('bob', '/', 90)
  driver.commit()

  const from = (atMinute: number) => new Date(atMinute * minute).toISOString()
  expect(driver.output('visits').readKeyValues()).toEqual([
    ['bob', { from: from(20), seconds: 0, pages: ['/'] }],
    ['ann', { from: from(0), seconds: 2400, pages: ['/', '/prices', '/order'] }],
  ])
})
