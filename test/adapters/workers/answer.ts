import type { Driver } from "terrapin";
import { conformance, type ConformanceGroup, type ConformanceOptions } from "terrapin/testing";
import { asyncContext } from "terrapin/async-context";

/** What became of one case: passed with `skipped` null, skipped with its reason, or failed with an error. */
export interface CaseAnswer {
  readonly skipped: string | null;
  readonly error: { readonly name: string; readonly message: string; readonly stack: string } | null;
}

/** The suite on a driver, here where the driver is. */
export function suite(
  open: () => Driver | Promise<Driver>,
  options: Omit<ConformanceOptions, "asyncContext"> = {},
): ConformanceGroup[] {
  return conformance(open, { ...options, asyncContext: asyncContext() });
}

/** Runs the case that a request asks for: `/3/14` is the fifteenth of the fourth group. */
export async function answer(request: Request, groups: readonly ConformanceGroup[]): Promise<Response> {
  const [, group, index] = new URL(request.url).pathname.split("/").map(Number);
  return Response.json(await ask(groups, group!, index!));
}

async function ask(groups: readonly ConformanceGroup[], group: number, index: number): Promise<CaseAnswer> {
  try {
    return { skipped: await groups[group]!.cases[index]!.run(), error: null };
  } catch (error) {
    return { skipped: null, error: told(error) };
  }
}

function told(error: unknown): NonNullable<CaseAnswer["error"]> {
  const { name, message, stack, cause } = error as Error;
  const why = cause instanceof Error ? `\ncaused by ${cause.stack ?? cause.message}` : "";
  return { name, message, stack: `${stack ?? message}${why}` };
}
