import { messageOf } from '../src/errors.ts'

/** Questions that a child answers, by name. Arguments and answers go through structured cloning. */
// biome-ignore lint/suspicious/noExplicitAny: an interface of functions is assignable to nothing narrower
export type Questions = { readonly [Q in string]: (argument: any) => unknown }

/** One question on its way to a child. */
export interface Asked {
  readonly id: number
  readonly question: string
  readonly argument: unknown
}

export type Answered = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string }

/** Answers what the parent asks, for as long as there is one. */
export const answer = (questions: Questions): void => {
  process.on('message', async ({ id, question, argument }: Asked) => {
    const known = questions[question]
    if (!known) return // the probe's
    const answered: Answered = await Promise.resolve()
      .then(() => known(argument))
      .then(
        value => ({ id, value }),
        error => ({ id, error: messageOf(error) }),
      )
    process.send?.(answered)
  })
  process.on('disconnect', () => process.exit(1))
  process.channel?.ref() // the probe lets go of it
}
