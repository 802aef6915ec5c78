import { expect, it } from 'vitest'
import { commandForLog } from '../../src/loadtester/command-text.ts'

it.each([
  ["hey -H 'Authorization: Bearer abc' http://a/", "hey -H 'Authorization: ***' http://a/"],
  ['hey -a user:pw http://a/', 'hey -a user:*** http://a/'],
  ['curl http://user:pw@a/', 'curl http://user:***@a/'],
  ['helm upgrade --password=pw x', 'helm upgrade --password=*** x'],
  ["hey -H 'X-Auth-Token: abc' http://a/", "hey -H 'X-Auth-Token: ***' http://a/"],
  ["hey -H 'Cookie: type=insider' http://a/ ", "hey -H 'Cookie: type=insider' http://a/"],
])('%s is logged as %s', (command, logged) => {
  expect(commandForLog(command)).toBe(logged)
})
