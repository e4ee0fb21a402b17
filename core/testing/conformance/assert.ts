/** What a case says when the driver did something else. */
export class ConformanceError extends Error {
  override readonly name: string = "ConformanceError";
}

/** The values are the same, all the way down: Dates, bytes, bigints, Maps and -0 included. */
export function equal(actual: unknown, expected: unknown, what = "the value"): void {
  if (isSame(actual, expected)) return;
  throw new ConformanceError(`${what} is ${show(actual)}, and should be ${show(expected)}`);
}

/** The condition holds. */
export function ok(condition: boolean, what: string): void {
  if (!condition) throw new ConformanceError(what);
}

/** How a call must fail. */
export interface Failure {
  readonly code?: string;
  readonly message?: RegExp;
  readonly hint?: RegExp;
}

/** The call throws, or rejects with, an error of this class; gives the error. */
export async function fails<E extends Error>(
  work: () => unknown,
  Class: abstract new (...given: never[]) => E,
  { code, message, hint }: Failure = {},
): Promise<E> {
  let error: unknown;
  try {
    const answer = await work();
    error = new ConformanceError(`nothing failed: the answer was ${show(answer)}`);
  } catch (thrown) {
    error = thrown;
  }
  const { code: actualCode, hint: actualHint } = error as { code?: unknown; hint?: unknown };
  if (!(error instanceof Class))
    throw new ConformanceError(`${Class.name} was expected: ${String(error)}`, { cause: error });
  if (code !== undefined) equal(actualCode, code, "the error's code");
  if (message !== undefined)
    ok(message.test(error.message), `the message "${error.message}" does not match ${String(message)}`);
  if (hint !== undefined)
    ok(hint.test(String(actualHint)), `the hint "${String(actualHint)}" does not match ${String(hint)}`);
  return error;
}

function isSame(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (left instanceof Date || right instanceof Date)
    return left instanceof Date && right instanceof Date && left.getTime() === right.getTime();
  if (left instanceof Uint8Array || right instanceof Uint8Array) return isSameBytes(left, right);
  if (left instanceof Map || right instanceof Map)
    return left instanceof Map && right instanceof Map && isSame([...left], [...right]);
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  return isSameRecord(left as Record<string, unknown>, right as Record<string, unknown>);
}

/** A client's own subclass of Uint8Array would print and slice differently, so it is not the same. */
function isSameBytes(left: object, right: object): boolean {
  if (left.constructor !== Uint8Array || right.constructor !== Uint8Array) return false;
  const [one, other] = [left as Uint8Array, right as Uint8Array];
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function isSameRecord(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name]))
  );
}

const SHOWN = 400;

function show(value: unknown): string {
  const text = shown(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
}

function shown(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : `${value}`;
    case "object":
      return value instanceof Map
        ? `Map ${shown([...value])}`
        : JSON.stringify(value, (_, inner: unknown) => plain(inner));
    case "string":
      return JSON.stringify(value);
    default:
      return `a value of type ${typeof value}`;
  }
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (value === undefined) return "undefined";
  return value instanceof Uint8Array ? `${value.constructor.name} ${value.join(" ").slice(0, SHOWN)}` : value;
}
