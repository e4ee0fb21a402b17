import { atomic, inTransaction } from "../../core/connection/atomic.js";
import type { Transaction } from "../../core/connection/transaction.js";

type Equal<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
type Expect<Truth extends true> = Truth;

class Bank {
  @atomic() async put(amount: number): Promise<string> {
    return String(amount);
  }
  @atomic async bare(amount: number): Promise<string> {
    return String(amount);
  }
  @atomic({ connection: "default" }) async named(amount: number): Promise<string> {
    return String(amount);
  }

  // @ts-expect-error: a transaction is awaited, so a method that is not async cannot keep its type
  @atomic() plain(amount: number): number {
    return amount;
  }
}
export type Kept = Expect<Equal<Bank["put"], (amount: number) => Promise<string>>>;

const wrapped = atomic((amount: number, note: string) => `${amount} ${note}`, { connection: "default" });
export type Wrapped = Expect<Equal<Parameters<typeof wrapped>, [amount: number, note: string]>>;
export type Answer = Expect<Equal<ReturnType<typeof wrapped>, Promise<string>>>;

const given = inTransaction(async (tx) => {
  const own: Transaction = tx;
  return own.isOpen;
});
export type Given = Expect<Equal<typeof given, Promise<boolean>>>;

// @ts-expect-error: an option that there is not
export const misspelt = inTransaction(async () => {}, { conection: "default" });
