import { describe, expect, it } from "vitest";
import { asksChangedTable, refusal } from "../support/mysql8.js";

describe("what statements for MySQL are judged by", () => {
  it.each([
    "SELECT `a` FROM `t` WHERE `a` IN (?, ?) LIMIT ? OFFSET ?",
    "SELECT `a` FROM `t` EXCEPT SELECT `a` FROM `u`",
    "SELECT /*M!100700 JSON_NORMALIZE( */`a`/*M!100700 ) */ FROM `t`",
    "INSERT INTO `t` (`a`) VALUES (?) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`)",
  ])("the grammar of MySQL 8 takes %s", (sql) => expect(refusal(sql)).toBeNull());

  it.each([
    "DELETE FROM `t` WHERE `a` = ? RETURNING `a`",
    "SELECT CAST(`a` AS INTEGER) FROM `t`",
    "CREATE INDEX IF NOT EXISTS `i` ON `t` (`a`)",
    "SELECT `a` FROM `t` OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY",
  ])("it refuses %s", (sql) => expect(refusal(sql)).not.toBeNull());

  it.each<[boolean, string]>([
    [false, "DELETE FROM `t` WHERE `a` = ?"],
    [false, "DELETE FROM `t` WHERE `a` IN (SELECT `a` FROM `u`)"],
    [true, "DELETE FROM `t` WHERE `a` IN (SELECT `a` FROM `t`)"],
    [true, "UPDATE `t` SET `a` = (SELECT MAX(`a`) FROM `u` JOIN `t` AS `x` ON 1 = 1)"],
    [true, "DELETE FROM `t` WHERE `a` IN (SELECT `k` FROM (SELECT `a` AS `k` FROM `t`) AS `rows`)"],
    [false, "DELETE FROM `t` WHERE `a` IN (SELECT `k` FROM (SELECT DISTINCT `a` AS `k` FROM `t`) AS `rows`)"],
    [false, "DELETE FROM `t` WHERE `a` IN (SELECT `k` FROM (SELECT `a` AS `k` FROM `t` LIMIT ?) AS `rows`)"],
    [false, "UPDATE `t` JOIN (SELECT DISTINCT `a` FROM `t` AS `x`) AS `y` ON `y`.`a` = `t`.`a` SET `t`.`a` = ?"],
    [false, "UPDATE `t` SET `a` = 'FROM (SELECT FROM `t`'"],
  ])("error 1093: %s of %s", (is, sql) => expect(asksChangedTable(sql)).toBe(is));
});
