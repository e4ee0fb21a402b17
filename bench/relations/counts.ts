import type { Contender } from "../contenders/contender.ts";

/** What calls over relations send: as many statements as there are levels, whatever the number of objects. */
export const relationCounts: readonly {
  readonly call: string;
  readonly work: (contender: Contender) => unknown;
  readonly statements: number;
}[] = [
  { call: "prefetchRelated, two levels", work: ({ relations }) => relations?.nested(), statements: 3 },
  { call: "selectRelated", work: ({ relations }) => relations?.joined(++count), statements: 1 },
  { call: "prefetchRelated, many to many", work: ({ relations }) => relations?.tagged(++count), statements: 2 },
  { call: "filter over a to-one path", work: ({ relations }) => relations?.postsByAge(20 + count), statements: 1 },
  { call: "filter over a to-many path", work: ({ relations }) => relations?.authorsByScore(++count), statements: 1 },
  { call: "filter over two of them", work: ({ relations }) => relations?.authorsByLikes(++count), statements: 1 },
];

/** Another one at each call: neither a statement nor a plan may depend on how many objects there are. */
let count = 10;
