import type { PrinterColumn } from './resource.ts'

/** Printer columns of a built-in kind by resource id; undefined means name and age. */
export const columnsOf = (_id: string): readonly PrinterColumn[] | undefined => undefined
