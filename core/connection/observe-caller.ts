/** Frames to look through: ours are a dozen, and those that wait for them come after. */
const FRAMES = 50;

/** `save (app.ts:10:5)`: the first line of the stack that is neither ours nor the runtime's; null where none is known. */
export function callerLine(): string | null {
  const stacks = Error as { stackTraceLimit?: number };
  const { stackTraceLimit } = stacks;
  stacks.stackTraceLimit = FRAMES;
  const { stack } = new Error();
  if (stackTraceLimit !== undefined) stacks.stackTraceLimit = stackTraceLimit;
  return stack === undefined ? null : usersLine(stack);
}

/** A frame of V8, `at name (place:1:2)`, or of other engines, `name@place:1:2`. */
const FRAME = /^\s*(?:at )?(async )?(.*?)([^\s()@]+):(\d+):(\d+)\)?$/;
const OURS = /^(.*[/\\])core[/\\]connection[/\\]observe-caller\.\w+$/;
const ROOMS = /^(?:core|drivers|adapters|migrate|app|node|cli)[/\\]/;

/** The same for a stack whose first frame is in this file. */
export function usersLine(stack: string): string | null {
  let root: string | null = null;
  let own: string | null = null;
  for (const line of stack.split("\n")) {
    const frame = FRAME.exec(line);
    if (frame === null) continue;
    const [, waits, name = "", place = "", row, column] = frame;
    if (own === null) {
      own = place;
      root = OURS.exec(place)?.[1] ?? null;
      continue;
    }
    if (/^node\W/.test(place)) continue;
    // In a bundle everything is one file; there, the first that waits is likely to be the user's.
    if (root === null ? place === own && waits === undefined : isOurs(place, root)) continue;
    const called = name.replace(/[(@\s]+$/, "");
    return called === "" ? `${place}:${row}:${column}` : `${called} (${place}:${row}:${column})`;
  }
  return null;
}

function isOurs(place: string, root: string): boolean {
  return place.startsWith(root) && ROOMS.test(place.slice(root.length));
}
