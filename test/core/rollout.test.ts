import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import { decide } from '../../src/core/decide.ts'
import type { Observation } from '../../src/core/observation.ts'
import {
  aCanary,
  anObservation,
  answer,
  aRevision,
  epochMs,
  evidence,
  healthy,
  sick,
  stuck,
  successRate,
  unreachable,
} from '../support/builders.ts'

type Change = Parameters<typeof anObservation>[1]

/** Plays a Canary through observations; the status of each decision is what the next one starts from. */
const play = (start: Canary) => {
  let canary = start
  let nowMs = epochMs
  const texts: string[] = []
  const see = (change: Change = {}) => {
    const decision = decide(anObservation(canary, { nowMs, ...change }))
    canary = { ...canary, status: decision.status }
    texts.push(...decision.notices.map(notice => notice.message))
    return decision
  }
  return {
    texts,
    see,
    later: (seconds: number) => {
      nowMs += seconds * 1000
    },
    converged: (change: Change = {}) => see({ convergence: 'converged', ...change }),
    asked: (found: Observation['evidence'] = healthy, change: Change = {}) => see({ evidence: found ?? healthy, ...change }),
    edit: (spec: Partial<Canary['spec']>) => {
      canary = { ...canary, spec: { ...canary.spec, ...spec } }
    },
    get status() {
      return canary.status
    },
    get at() {
      return [canary.status.phase, canary.status.canaryWeight] as const
    },
  }
}

const v1 = aRevision('1')
const v2 = aRevision('2')
const v3 = aRevision('3')

const initialized = (start = aCanary()) => {
  const story = play(start)
  story.see({ revision: v1 })
  story.converged({ revision: v1 })
  story.converged({ revision: v1 })
  story.converged({ revision: v1 })
  return story
}

const analysing = (start = aCanary()) => {
  const story = initialized(start)
  story.see({ revision: v2 })
  story.converged({ revision: v2 })
  return story
}

/** Passes checks, an interval apart, until the promotion. */
const atTheTop = (start = aCanary()) => {
  const story = analysing(start)
  for (let step = 0; step < 20 && story.status.phase === 'Progressing'; step += 1) {
    story.asked(healthy, { revision: v2 })
    story.later(10)
  }
  return story
}

const promoted = (start = aCanary()) => {
  const story = atTheTop(start)
  for (let step = 0; step < 12 && story.status.phase !== 'Succeeded'; step += 1) {
    story.converged({ revision: v2 })
    if (story.status.state === 'Promoting.shifting') story.asked(evidence(), { revision: v2 })
  }
  return story
}

describe('initialization', () => {
  it('pins the target it starts with as promoted', () => {
    expect(initialized().status).toMatchObject({
      phase: 'Initialized',
      promoted: v1.pin,
      lastPromotedSpec: v1.pin.hash,
      lastAppliedSpec: v1.pin.hash,
    })
  })

  it('never fails over when the primary is stuck', () => {
    const story = play(aCanary())
    story.see({ revision: v1 })
    story.later(3600)
    story.see({ revision: v1, primaryTrack: stuck, convergence: { reason: 'PrimaryNotReady', message: 'stuck' } })
    story.later(3600)
    story.see({ revision: v1, primaryTrack: stuck, convergence: { reason: 'PrimaryNotReady', message: 'stuck' } })
    expect(story.status.phase).toBe('Initializing')
    expect(story.status.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'ProgressDeadlineExceeded',
    })
  })

  it('says so in the field’s words', () => {
    expect(initialized().texts).toEqual(['Initialization done! podinfo.test'])
  })
})

describe('a weighted run', () => {
  it('climbs the ladder one step per passed analysis', () => {
    const story = analysing()
    const weights: (number | undefined)[] = []
    for (let step = 0; step < 6; step += 1) {
      story.asked(healthy, { revision: v2 })
      weights.push(story.status.canaryWeight)
      story.later(10)
    }
    expect(weights).toEqual([10, 20, 30, 40, 50, 50])
    expect(story.status.phase).toBe('Promoting')
  })

  it('passes the phases in the field’s order', () => {
    const story = analysing(aCanary({ analysis: { stepWeight: 100, stepWeightPromotion: 50 } }))
    const seen = [story.at]
    const note = () => seen.push(story.at)
    story.asked(healthy, { revision: v2 })
    note()
    story.later(10)
    story.asked(healthy, { revision: v2 })
    note()
    story.converged({ revision: v2 })
    story.converged({ revision: v2 })
    note()
    story.later(10)
    story.asked(evidence(), { revision: v2 })
    story.converged({ revision: v2 })
    note()
    story.converged({ revision: v2 })
    story.converged({ revision: v2 })
    note()
    expect(seen).toEqual([
      ['Progressing', 0],
      ['Progressing', 100],
      ['Promoting', 100],
      ['Promoting', 50],
      ['Finalising', 0],
      ['Succeeded', 0],
    ])
  })

  it('ends with the analysed revision promoted', () => {
    expect(promoted().status).toMatchObject({
      phase: 'Succeeded',
      promoted: v2.pin,
      lastPromotedSpec: v2.pin.hash,
      canaryWeight: 0,
      failedChecks: 0,
    })
  })

  it('clamps the last step to maxWeight', () => {
    const story = analysing(aCanary({ analysis: { stepWeight: 20, maxWeight: 50 } }))
    const weights = [1, 2, 3].map(() => {
      story.asked(healthy, { revision: v2 })
      story.later(10)
      return story.status.canaryWeight
    })
    expect(weights).toEqual([20, 40, 50])
  })

  it('mirrors before it shifts', () => {
    const story = analysing(aCanary({ analysis: { stepWeight: 10, mirror: true } }))
    story.asked(healthy, { revision: v2 })
    expect(story.status).toMatchObject({ mirrored: true, canaryWeight: 0 })
    story.later(10)
    story.asked(healthy, { revision: v2 })
    expect(story.status.mirrored).toBeUndefined()
    expect(story.status.canaryWeight).toBe(10)
  })

  it('rolls back in the very pass that reaches the threshold', () => {
    const story = analysing()
    story.asked(healthy, { revision: v2 })
    story.later(10)
    story.asked(sick, { revision: v2 })
    expect(story.status).toMatchObject({ phase: 'Progressing', failedChecks: 1, canaryWeight: 10 })
    story.later(10)
    const decision = story.asked(sick, { revision: v2 })
    expect(decision.rollsBack).toBe(true)
    expect(story.status).toMatchObject({ phase: 'Failed', canaryWeight: 0, failure: { reason: 'MetricOutOfRange' } })
  })

  it('tells what was measured against which limit', () => {
    const story = analysing()
    story.asked(sick, { revision: v2 })
    expect(story.texts.at(-1)).toBe('Halt podinfo.test advancement success rate 50.00% < 99%')
    expect(story.status.checks).toEqual([expect.objectContaining({ name: 'request-success-rate', verdict: 'fail', value: 50, min: 99 })])
  })

  it('ends without evidence after as many silent intervals as the threshold', () => {
    const story = analysing()
    story.asked(evidence([successRate(undefined)]), { revision: v2 })
    expect(story.status).toMatchObject({ phase: 'Progressing', unanswered: 1, failedChecks: 0 })
    story.later(10)
    story.asked(evidence([successRate(undefined)]), { revision: v2 })
    expect(story.status).toMatchObject({ phase: 'Failed', failure: { reason: 'NoEvidence' } })
  })

  it('holds while the store cannot be asked, until the progress deadline', () => {
    const story = analysing()
    for (let step = 0; step < 5; step += 1) {
      story.asked(evidence([unreachable]), { revision: v2 })
      story.later(10)
    }
    expect(story.status).toMatchObject({ phase: 'Progressing', hold: { reason: 'StoreUnreachable' } })
    story.later(30)
    story.see({ revision: v2 })
    expect(story.status).toMatchObject({ phase: 'Failed', failure: { reason: 'StoreUnreachable' } })
  })

  it('lets a failing metric win over a closed gate', () => {
    const story = analysing()
    const closed = answer('confirm-traffic-increase', false)
    story.asked(evidence([successRate(50)], [closed]), { revision: v2 })
    expect(story.status.failedChecks).toBe(1)
  })

  it('waits at a closed gate without a deadline', () => {
    const story = analysing()
    for (let step = 0; step < 100; step += 1) {
      story.asked(evidence([], [answer('confirm-traffic-increase', false)]), { revision: v2 })
      story.later(60)
      story.see({ revision: v2 })
    }
    expect(story.status).toMatchObject({ phase: 'Progressing', canaryWeight: 0, hold: { reason: 'GateClosed' } })
  })

  it('waits for the promotion gate with the true weight', () => {
    const story = analysing(aCanary({ analysis: { stepWeight: 50, maxWeight: 50 } }))
    story.asked(healthy, { revision: v2 })
    story.later(10)
    story.asked(evidence([successRate(100)], [answer('confirm-promotion', false)]), { revision: v2 })
    expect(story.at).toEqual(['WaitingPromotion', 50])
    story.later(10)
    story.asked(evidence([successRate(100)], [answer('confirm-promotion', true)]), { revision: v2 })
    expect(story.status.phase).toBe('Promoting')
  })

  it('rolls back at once when a rollback hook says so', () => {
    const story = analysing()
    story.asked(evidence([successRate(100)], [answer('rollback', true)]), { revision: v2 })
    expect(story.status).toMatchObject({ phase: 'Failed', failure: { reason: 'RollbackRequested' } })
  })

  it('rolls back a canary that is stuck', () => {
    const story = analysing()
    story.see({ revision: v2, canaryTrack: stuck })
    expect(story.status).toMatchObject({ phase: 'Failed', failure: { reason: 'ProgressDeadlineExceeded' } })
  })

  it('starts over with a newer revision', () => {
    const story = analysing()
    story.asked(healthy, { revision: v2 })
    story.see({ revision: v3 })
    expect(story.status).toMatchObject({
      phase: 'Progressing',
      state: 'Progressing.scaling',
      canaryWeight: 0,
      analysed: v3.pin,
      promoted: v1.pin,
    })
  })

  it('ends quietly when the target returns to the promoted revision', () => {
    const story = analysing()
    story.asked(healthy, { revision: v2 })
    story.see({ revision: v1 })
    expect(story.at).toEqual(['Finalising', 0])
    story.converged({ revision: v1 })
    story.converged({ revision: v1 })
    expect(story.status).toMatchObject({ phase: 'Succeeded', promoted: v1.pin, analysed: v1.pin })
  })

  it('does not try a rejected revision again', () => {
    const story = analysing()
    story.see({ revision: v2, canaryTrack: stuck })
    story.converged({ revision: v2 })
    story.converged({ revision: v2 })
    story.see({ revision: v2 })
    expect(story.status).toMatchObject({ phase: 'Failed', analysed: v2.pin, promoted: v1.pin })
    expect(story.status.state).toBeUndefined()
  })

  it('starts the next revision after a failed one', () => {
    const story = analysing()
    story.see({ revision: v2, canaryTrack: stuck })
    story.converged({ revision: v2 })
    story.converged({ revision: v2 })
    story.see({ revision: v3 })
    expect(story.status).toMatchObject({ phase: 'Progressing', analysed: v3.pin })
  })

  it('takes edited weights up at the next step', () => {
    const story = analysing()
    story.asked(healthy, { revision: v2 })
    story.edit({ analysis: { ...aCanary({ analysis: { stepWeights: [5, 15, 60] } }).spec.analysis } })
    story.later(10)
    story.asked(healthy, { revision: v2 })
    expect(story.status.canaryWeight).toBe(15)
  })
})

describe('a promotion whose template is copied', () => {
  it('goes on to its end when the canary gets stuck, for the primary runs what was analysed', () => {
    const story = atTheTop()
    story.converged({ revision: v2 })
    for (let step = 0; step < 4; step += 1) story.converged({ revision: v2, canaryTrack: stuck })
    expect(story.status).toMatchObject({ phase: 'Succeeded', promoted: v2.pin })
  })
})

describe('a failed promotion', () => {
  it('sends everything to the canary, which is the healthy track', () => {
    const story = atTheTop()
    story.converged({ revision: v2 })
    story.see({ revision: v2, primaryTrack: stuck })
    expect(story.status).toMatchObject({
      phase: 'Failed',
      canaryWeight: 100,
      servingFrom: 'canary',
      failure: { reason: 'PromotionFailed' },
    })
  })

  it('keeps the canary serving through a forward fix', () => {
    const story = atTheTop()
    story.converged({ revision: v2 })
    story.see({ revision: v2, primaryTrack: stuck })
    story.converged({ revision: v2 })
    story.see({ revision: v3 })
    expect(story.status).toMatchObject({ phase: 'Progressing', canaryWeight: 100, servingFrom: 'canary', analysed: v3.pin })
  })
})

describe('blue/green', () => {
  const blueGreen = () => aCanary({ analysis: { iterations: 2 } })

  it('counts iterations, switches all traffic once, then promotes', () => {
    const story = analysing(blueGreen())
    const seen = [1, 2, 3, 4].map(() => {
      story.asked(healthy, { revision: v2 })
      story.later(10)
      return [story.status.phase, story.status.iterations, story.status.canaryWeight]
    })
    expect(seen).toEqual([
      ['Progressing', 1, 0],
      ['Progressing', 2, 0],
      ['Progressing', 3, 100],
      ['Promoting', 3, 100],
    ])
  })

  it('moves no live traffic where nothing can weigh', () => {
    const can = { weigh: false, mirror: false, mirrorIterations: false }
    const story = play(blueGreen())
    story.see({ revision: v1, can })
    for (let step = 0; step < 3; step += 1) story.converged({ revision: v1, can })
    story.see({ revision: v2, can })
    story.converged({ revision: v2, can })
    for (let step = 0; step < 3; step += 1) story.asked(healthy, { revision: v2, can })
    expect(story.at).toEqual(['Promoting', 0])
  })
})

describe('skipAnalysis', () => {
  it('promotes as soon as the canary is ready, and waits for the primary before it parks', () => {
    const story = initialized(aCanary({ spec: { skipAnalysis: true } }))
    story.see({ revision: v2 })
    story.converged({ revision: v2 })
    expect(story.status.state).toBe('Promoting.copying')
    story.converged({ revision: v2 })
    expect(story.status.state).toBe('Promoting.sizing')
    for (let step = 0; step < 4; step += 1) story.converged({ revision: v2 })
    expect(story.status.phase).toBe('Succeeded')
    expect(story.texts.at(-1)).toBe('Promotion completed! Canary analysis was skipped for podinfo.test')
  })
})

describe('suspend', () => {
  it('freezes the rollout where it is', () => {
    const story = analysing()
    story.asked(healthy, { revision: v2 })
    story.later(3600)
    story.see({ revision: v3, canaryTrack: stuck, obstacle: { reason: 'Suspended', message: 'suspended' } })
    expect(story.status).toMatchObject({ phase: 'Progressing', canaryWeight: 10, analysed: v2.pin })
  })
})

describe('an obstacle', () => {
  it('is said once, in the words of its condition', () => {
    const story = play(aCanary())
    const obstacle = { reason: 'TargetMissing', message: 'Deployment podinfo.test does not exist' } as const
    story.see({ obstacle })
    story.later(10)
    story.see({ obstacle })
    expect(story.texts).toEqual([obstacle.message])
    expect(story.status.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', ...obstacle })
  })
})

describe('a manifest that could say it better', () => {
  const remarks = ['spec.webhooks[0].url: expected an absolute URL, got none; add url: http://loadtester.test/']

  it('is named in a condition with the line to add, and in one event', () => {
    const story = play(aCanary())
    story.see({ remarks })
    story.later(10)
    story.see({ remarks })
    expect(story.status.conditions?.find(({ type }) => type === 'Notes')).toMatchObject({ status: 'True', message: remarks[0] })
    expect(story.texts).toEqual(remarks)
  })

  it('loses the condition when it is corrected', () => {
    const story = play(aCanary())
    story.see({ remarks })
    story.see({})
    expect(story.status.conditions?.some(({ type }) => type === 'Notes')).toBe(false)
  })
})
