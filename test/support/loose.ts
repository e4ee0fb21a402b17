/**
 * Calls as a JavaScript program can write them, without the types that would refuse them.
 */
// biome-ignore lint/suspicious/noExplicitAny: every wrong call must be possible here
export type Loose = any;

/** The same value without its types. */
export const loose = (value: unknown): Loose => value;
