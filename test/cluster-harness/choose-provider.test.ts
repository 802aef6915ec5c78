import { describe, expect, it } from 'vitest'
import { chooseProvider, type Finding, found, type Machine, skipText } from '../cluster/choose-provider.ts'

const missing = (because: string): Finding => ({ found: false, because })
const nothing: Machine = { docker: missing('no Docker'), go: missing('no Go on PATH'), ownNetwork: found }
const everything: Machine = { kubeconfig: '/kubeconfig', assets: '/assets', docker: found, go: found, ownNetwork: found }

describe('the choice of a cluster', () => {
  it.each<[string, Machine]>([
    ['kubeconfig', everything],
    ['assets', { ...nothing, assets: '/assets', docker: found, go: found }],
    ['k3s', { ...nothing, docker: found, go: found }],
    ['modules', { ...nothing, go: found }],
  ])('takes %s where nothing better is given', (provider, machine) => {
    expect(chooseProvider(machine).provider).toBe(provider)
  })

  it('says why it passed the better ones over', () => {
    expect(chooseProvider({ ...nothing, go: found }).passedOver).toEqual([
      'SERIN_TEST_KUBECONFIG=FILE: not set',
      'KUBEBUILDER_ASSETS=FOLDER: not set',
      'Docker: no Docker',
    ])
  })

  it('takes the one that was asked for by name', () => {
    expect(chooseProvider(everything, 'modules')).toEqual({ provider: 'modules', passedOver: [] })
  })

  it('takes no other than the one that was asked for', () => {
    expect(chooseProvider({ ...everything, docker: missing('no Docker') }, 'k3s')).toEqual({ passedOver: ['Docker: no Docker'] })
  })

  it.each<[string, Machine]>([
    ['modules', { ...nothing, go: found, ownNetwork: missing('not permitted') }],
    ['assets', { ...nothing, assets: '/assets', ownNetwork: missing('not permitted') }],
  ])('takes no %s without a network of its own', (_, machine) => {
    expect(chooseProvider(machine).provider).toBeUndefined()
  })

  it('names all four in one line where none is to be had', () => {
    const text = skipText(chooseProvider(nothing))
    expect(text).toBe(
      'SKIPPED: the cluster suite needs one of SERIN_TEST_KUBECONFIG=FILE, KUBEBUILDER_ASSETS=FOLDER, Docker, Go' +
        ' (SERIN_TEST_KUBECONFIG=FILE: not set; KUBEBUILDER_ASSETS=FOLDER: not set; Docker: no Docker; Go: no Go on PATH)',
    )
  })
})
