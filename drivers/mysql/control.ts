import { TransactionManagementError, UnsupportedError } from "../../core/base/errors.js";
import { withoutLead } from "./script.js";

const CONTROL =
  /^\s*(?:begin|commit|rollback|start\s+transaction|savepoint|release\s+savepoint|set\s+(?:session\s+|@@|@@session\.)?autocommit|set\s+transaction|xa|lock\s+tables?|unlock\s+tables?|use)\b/i;
const COMMITS =
  /^\s*(?:create\s+(?!temporary\b)|drop\s+(?!temporary\b)|alter|rename|truncate|grant|revoke|(?:analyze|optimize|repair)\s+(?:\w+\s+)?table)\b/i;

/** What begins or ends a transaction, or changes what a connection is, would reach whoever gets the connection next. */
export function refuseControl(text: string, inTransaction: boolean): void {
  const sql = withoutLead(text);
  if (CONTROL.test(sql))
    throw new TransactionManagementError("a statement that changes the state of a connection cannot be run by hand", {
      code: "raw_transaction",
      hint: "use inTransaction(…) or connection.begin(), and one connection for each database",
    });
  if (inTransaction && COMMITS.test(sql))
    throw new UnsupportedError("MySQL commits the open transaction before it changes a table's definition", {
      code: "implicit_commit",
      hint: "change the schema outside transactions",
    });
}
