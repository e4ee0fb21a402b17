// Listeners: what they are told, and what they may be.
import {
  postDelete,
  postSave,
  preDelete,
  preSave,
  registerListener,
  type PostSaveEvent,
  type StopListening,
} from "terrapin";
import { same } from "./models.js";
import { Order, Tag, User } from "./related-models.js";

export function listening(): unknown {
  const stop = preSave(User, ({ sender, instance, usingDb, updateFields, ...none }) => {
    same<typeof sender, typeof User>();
    same<typeof instance, User>();
    same<typeof usingDb.isTransaction, boolean>();
    void User.usingDb(usingDb);
    same<typeof updateFields, readonly string[] | null>();
    same<typeof none, {}>();
  });
  same<typeof stop, StopListening>();
  postSave(User, async ({ created }) => {
    same<typeof created, boolean>();
  });
  postSave([User, Order], ({ sender, instance }) => {
    same<typeof sender, typeof User | typeof Order>();
    same<typeof instance, User | Order>();
  });
  // A query that is given back runs.
  postDelete(Tag, ({ usingDb }) => User.create({ name: "x" } as never, { usingDb }));
  registerListener(Order, "postSave", ({ instance, created }) => [instance.id, created]);
  const audit = (event: PostSaveEvent<typeof User | typeof Order>): void => void event.instance.id;
  postSave(User, Order)(audit);
  return class Audit {
    @postSave(User)
    static note({ instance }: PostSaveEvent<typeof User>): unknown {
      return instance.id;
    }
    @preDelete(User, Order)
    static async last(): Promise<void> {}
  };
}

export function refused() {
  // @ts-expect-error it was not saved yet, so nobody knows
  preSave(User, ({ created }) => created);
  // @ts-expect-error a deleted object has no fields that were written
  preDelete(User, ({ updateFields }) => updateFields);
  // @ts-expect-error not a field
  preSave(User, ({ instance }) => instance.nmae);
  // @ts-expect-error not a model
  preSave("User", () => {});
  // @ts-expect-error not a signal
  registerListener(User, "pre_save", () => {});
  // @ts-expect-error not a function
  postSave(User, 7);
}
