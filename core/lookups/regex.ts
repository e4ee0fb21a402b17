import { lookup, type Lookup } from "./lookup.js";

const regexLookup = (ignoreCase: boolean): Lookup =>
  lookup(["text"], ({ left, param }) => ({ kind: "regex", item: left, pattern: param(null), ignoreCase }), {
    expects: "a regular expression as text",
    accepts: (value) => typeof value === "string" && value.isWellFormed(),
  });

/** `field__posix_regex: "^a.*z$"`, in the database's own dialect of regular expressions. */
export const regex: Lookup = regexLookup(false);
/** The same, ignoring case. */
export const iregex: Lookup = regexLookup(true);
