import { libsql, type LibsqlOptions } from "terrapin/libsql";
import { answer, suite } from "./answer.js";

export default {
  fetch: (request: Request, env: { readonly LIBSQL: LibsqlOptions }): Promise<Response> =>
    answer(
      request,
      suite(() => libsql(env.LIBSQL)),
    ),
};
