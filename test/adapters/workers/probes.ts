/** Small programs that run inside a Worker, by name; what one gives back is the answer. */
export type Probes<Env> = Readonly<Record<string, (env: Env, context: unknown) => unknown>>;

/** Answers `/probe/name` with what the probe gives back, or with its error. */
export async function probe<Env>(
  request: Request,
  probes: Probes<Env>,
  env: Env,
  context: unknown = null,
): Promise<Response | null> {
  const name = /^\/probe\/(\w+)$/.exec(new URL(request.url).pathname)?.[1];
  if (name === undefined) return null;
  try {
    return Response.json({ value: (await probes[name]!(env, context)) ?? null }, { headers: { probe: "passed" } });
  } catch (error) {
    const { name: type, code, message, hint } = error as Error & { code?: string; hint?: string };
    return Response.json({ error: { type, code, message, hint } });
  }
}
