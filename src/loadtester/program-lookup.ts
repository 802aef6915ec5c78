import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The file that a program's name means in the directories of `path`, written as in `PATH`; undefined when none has it. */
export const findProgram = (name: string, path: string): string | undefined =>
  path
    .split(delimiter)
    .filter(directory => directory !== '')
    .map(directory => join(directory, name))
    .find(isProgram)

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    // Not there, or not for us to run: the next directory may have it.
    return false
  }
}
