export const primarySuffix = '-primary'

/** Longest name of an object, and longest value of a label, that the API server takes. */
export const maxNameLength = 253
export const maxLabelLength = 63
