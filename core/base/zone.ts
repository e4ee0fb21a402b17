// Wall clocks. A zone is a name of the IANA database, as Intl knows them; null is UTC.

/** The name of a zone, or null for UTC; undefined where there is no such zone. */
export function zoneNamed(name: string): string | null | undefined {
  if (name === "UTC") return null;
  try {
    return formatOf(name).resolvedOptions().timeZone === "UTC" ? null : name;
  } catch {
    return undefined;
  }
}

const FORMATS = /* @__PURE__ */ new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = FORMATS.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset", year: "numeric" });
    FORMATS.set(zone, format);
  }
  return format;
}

/** Milliseconds that the clocks of a zone are ahead of UTC at an instant. */
export function offsetAt(zone: string | null, instant: number): number {
  if (zone === null) return 0;
  const name = formatOf(zone)
    .formatToParts(instant)
    .find(({ type }) => type === "timeZoneName")!.value;
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
  const ahead = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return (sign === "-" ? -ahead : ahead) * 1000;
}

/**
 * The instant at which the clocks of a zone show what UTC clocks show at `wall`. Where clocks show it twice, the first; where
 * they skip it, as long after the gap as it is behind its begin.
 */
export function instantOf(zone: string | null, wall: number): number {
  if (zone === null) return wall;
  const before = wall - offsetAt(zone, wall - DAY);
  const after = wall - offsetAt(zone, wall + DAY);
  if (before === after) return before;
  // In a gap neither fits; the offset from before the change goes on counting.
  const fits = (instant: number): boolean => instant + offsetAt(zone, instant) === wall;
  return fits(before) || !fits(after) ? before : after;
}

const DAY = 86_400_000;

/** When the clocks of a zone change, and how many seconds they are ahead from then on. From 1900 to 2100. */
export function changesOf(zone: string): readonly (readonly [from: number, seconds: number])[] {
  let changes = CHANGES.get(zone);
  if (changes === undefined) CHANGES.set(zone, (changes = findChanges(zone)));
  return changes;
}

const CHANGES = /* @__PURE__ */ new Map<string, readonly (readonly [number, number])[]>();

function findChanges(zone: string): (readonly [number, number])[] {
  const end = Date.UTC(2100, 0);
  let at = Date.UTC(1900, 0);
  let offset = offsetAt(zone, at);
  const changes: (readonly [number, number])[] = [[-Infinity, offset / 1000]];
  // No zone has ever changed its clocks twice within a week.
  for (let next = at + 7 * DAY; next < end; next += 7 * DAY) {
    if (offsetAt(zone, next) !== offset) {
      let [low, high] = [at, next];
      while (high - low > 1000) {
        const middle = low + Math.floor((high - low) / 2000) * 1000;
        if (offsetAt(zone, middle) === offset) low = middle;
        else high = middle;
      }
      offset = offsetAt(zone, high);
      changes.push([high, offset / 1000]);
    }
    at = next;
  }
  return changes;
}
