/** Where the program throws dice of its own (back-off, jitter), these decide while the work lasts. */
export const withDice = async <T>(dice: () => number, work: () => Promise<T>): Promise<T> => {
  const { random } = Math
  Math.random = dice
  try {
    return await work()
  } finally {
    Math.random = random
  }
}
