import { describe, expect, it } from 'vitest'
import { proxiesOf } from '../../src/config/proxies.ts'

describe('proxies of the environment', () => {
  it('are read in upper case before lower case', () => {
    expect(proxiesOf({ HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:1', no_proxy: 'localhost' })).toEqual({
      HTTPS_PROXY: 'http://a:1',
      NO_PROXY: 'localhost',
    })
  })

  it('are none where nothing is set', () => {
    expect(proxiesOf({ HTTP_PROXY: '' })).toEqual({})
  })
})
