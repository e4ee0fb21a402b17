import { fields, Model, Terrapin } from "terrapin";
import { mysql } from "terrapin/mysql";
import { expect, it } from "vitest";
import { mysqlOptions } from "../../drivers/mysql/credentials.js";
import { parseDbUrl } from "../../node/db-url.js";
import { mysqlDatabase } from "../support/databases.js";

const url = await mysqlDatabase();

class User extends Model.define({
  id: fields.bigInt({ primaryKey: true }),
  username: fields.char({ maxLength: 50, unique: true }),
}) {}

it("opens by URL and works", async () => {
  const driver = mysql(mysqlOptions(parseDbUrl(url).credentials));
  const orm = await Terrapin.context({ connections: { default: driver }, models: { User } });
  await orm.run(async () => {
    await orm.generateSchemas();
    const user = await User.create({ username: "ali" });
    expect(user.id).toBe(1);
    expect(await User.get({ username: "ali" })).toMatchObject({ id: 1 });
    await expect(User.create({ username: "ali" })).rejects.toMatchObject({ kind: "unique" });
  });
  await orm.closeConnections();
  expect(driver.pool).toMatchObject({ size: 0, opened: 1, closed: 1, lost: 0 });
});
