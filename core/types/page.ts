/** What a page is asked for. */
export interface PageOptions {
  /** how many rows at most */
  readonly size: number;
  /** `next` of the page before; null or left out: the first page */
  readonly after?: string | null;
}

/** Some rows, and the cursor that the following ones come after; null when there are none. */
export interface Page<Row> {
  readonly rows: Row[];
  readonly next: string | null;
}
