import { describe, expect, it } from 'vitest'
import { controllerProgram } from '../../src/config/controller-config.ts'
import { loadtesterProgram } from '../../src/config/loadtester-config.ts'
import { configReference } from '../../src/config/reference.ts'

const page = configReference()

describe('the page of settings', () => {
  it.each([controllerProgram, loadtesterProgram])('has a row for every setting of $name', ({ shape }) => {
    const undescribed = Object.entries(shape).filter(([, schema]) => !page.includes(schema.description ?? 'no description'))
    expect(undescribed.map(([key]) => key)).toEqual([])
  })

  it('gives a setting its environment variable, type, default and meaning', () => {
    expect(page).toContain('| `-event-webhook` | `EVENT_WEBHOOK_URL` | url |  | Receiver of the events')
    expect(page).toContain('| `-port` |  | int | `8080` | Port on which they are served; 0 picks a free one. |')
  })

  it('says which flags have no effect, and why', () => {
    expect(page).toContain('Workers of the sync queue. Accepted without effect: Canaries do not wait for each other.')
    expect(page).toContain('`-logtostderr`')
  })
})
