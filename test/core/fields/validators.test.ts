import { describe, expect, it } from "vitest";
import {
  CommaSeparatedIntegerListValidator,
  DomainNameValidator,
  EmailValidator,
  MaxLengthValidator,
  MaxValueValidator,
  MinLengthValidator,
  MinValueValidator,
  RegexValidator,
  UrlValidator,
  validateIpv4Address,
  validateIpv6Address,
  validateIpv46Address,
} from "../../../core/fields/validators.js";
import { loose, thrown } from "./support.js";

type Rule = (value: never) => unknown;
function check(rule: Rule, good: readonly unknown[], bad: readonly unknown[]): void {
  for (const value of good) expect(rule(value as never), `${String(value)} is good`).toBeUndefined();
  for (const value of bad) expect(rule(value as never), `${String(value)} is bad`).toBeTypeOf("string");
}

describe("validators", () => {
  it("of a regular expression test it as it was written", () => {
    check(RegexValidator("^[a-z]+$"), ["abc"], ["ABC", "abc1", ""]);
    check(RegexValidator("b"), ["abc"], ["ac"]);
    check(RegexValidator("^[a-z]+$", "i"), ["ABC"], ["1"]);
    const global = RegexValidator(/a/g);
    check(global, ["a", "a", "ba", "a"], ["b"]);
    expect(RegexValidator("^x")("y")).toBe("Value does not match regex '^x'");
  });

  it("of length count characters", () => {
    check(MaxLengthValidator(3), ["", "abc", "👍👍👍"], ["abcd"]);
    check(MinLengthValidator(2), ["ab", "👍👍"], ["", "a", "👍"]);
    expect(MaxLengthValidator(3)("abcd")).toBe("Length 4 > 3");
    expect(MinLengthValidator(3)("a")).toBe("Length 1 < 3");
    expect(thrown(() => MaxLengthValidator("3" as never)).code).toBe("bad_validator");
  });

  it("of size compare numbers, bigints and decimals exactly", () => {
    check(MinValueValidator(0), [0, 1, "0.00", 5n, "0.01", 1e300], [-1, "-0.01", -5n, -1e-300]);
    check(
      MaxValueValidator("99.99"),
      ["99.99", 99.99, "-1000", "99.9899999999999999999"],
      ["100.00", "99.9900000000000000000001", 100n],
    );
    check(MaxValueValidator(9007199254740993n), [9007199254740993n, 9007199254740992n], [9007199254740994n]);
    check(MinValueValidator(-5), [-5, "-4.99", 0], ["-5.01", -6n]);
    expect(MinValueValidator(5)(4)).toBe("Value should be greater or equal to 5");
    expect(MaxValueValidator(5)(6)).toBe("Value should be less or equal to 5");
    for (const value of ["abc", true, {}, [5], null])
      expect(MinValueValidator(0)(value as never)).toBe("Value must be a numeric value and is required");
    expect(thrown(() => MinValueValidator("five")).code).toBe("bad_validator");
  });

  it("of integer lists", () => {
    check(
      CommaSeparatedIntegerListValidator(),
      ["1", "1,2,3", "007"],
      ["", "1,", ",1", "1,,2", "-1", "1, 2", "a", "1,2\n"],
    );
    check(CommaSeparatedIntegerListValidator({ allowNegative: true }), ["-1,2", "1"], ["--1", "-"]);
  });

  it("of IP addresses", () => {
    const four = ["0.0.0.0", "255.255.255.255", "192.168.1.1"];
    const six = [
      "::",
      "::1",
      "1::",
      "2001:db8::ff00:42:8329",
      "1:2:3:4:5:6:7:8",
      "::ffff:192.168.1.1",
      "1:2:3:4:5:6:1.2.3.4",
      "1::8",
      "1:2:3:4:5:6:7::",
    ];
    const none = [
      "",
      "256.1.1.1",
      "1.2.3",
      "1.2.3.4.5",
      "01.2.3.4",
      "a.b.c.d",
      " 1.2.3.4",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "::1::",
      "12345::",
      ":::",
      "1:2:3:4:5:6:7:8::",
      "::1.2.3",
      "g::",
      "1:",
      ":1",
      "1.2.3.4::",
    ];
    check(validateIpv4Address, four, [...none, ...six]);
    check(validateIpv6Address, six, [...none, ...four]);
    check(validateIpv46Address, [...four, ...six], none);
    expect([validateIpv4Address("x"), validateIpv6Address("x"), validateIpv46Address("x")]).toEqual([
      "Value is not a valid IPv4 address.",
      "Value is not a valid IPv6 address.",
      "Value is not a valid IPv4 or IPv6 address.",
    ]);
  });

  it("of domain names", () => {
    const label = "a".repeat(63);
    check(
      DomainNameValidator(),
      ["example.com", "a.b.c.example", "xn--bcher-kva.example", "bücher.example", "1.example", `${label}.com`],
      [
        "",
        "localhost",
        "-a.com",
        "a-.com",
        "a..com",
        ".com",
        "com.",
        "a b.com",
        "a_b.com",
        `${label}a.com`,
        `${`${label}.`.repeat(4)}com`,
        "1.2.3.4",
        "example.com/x",
      ],
    );
  });

  it("of URLs", () => {
    check(
      UrlValidator(),
      [
        "http://example.com",
        "https://example.com:8080/a?b=c#d",
        "ftp://user:pw@example.com/x",
        "http://localhost:3000",
        "http://127.0.0.1/",
        "http://[::1]:80/",
        "HTTPS://EXAMPLE.COM",
        "https://example.com?x",
        "https://bücher.example/ü",
      ],
      [
        "",
        "example.com",
        "//example.com",
        "http://",
        "http:example.com",
        "javascript:alert(1)",
        "http://exa mple.com",
        "http://example.com/a b",
        "http://-a.com",
        "http://[::1",
        "http://example.com:99999",
        "file:///etc/passwd",
        "http://example",
        "mailto:a@b.com",
        "http://a.com\n",
      ],
    );
    check(UrlValidator({ schemes: ["https"] }), ["https://example.com"], ["http://example.com"]);
  });

  it("of e-mail addresses", () => {
    check(
      EmailValidator(),
      [
        "a@example.com",
        "first.last+tag@sub.example.co",
        '"odd name"@example.com',
        "a@localhost",
        "a@[127.0.0.1]",
        "o'brien@example.com",
        "ü@example.com",
      ],
      [
        "",
        "a",
        "@example.com",
        "a@",
        "a@b@c",
        "a b@example.com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a@-x.com",
        "a@127.0.0.1",
        "a@[300.0.0.1]",
        `${"a".repeat(65)}@example.com`,
        "a@example.com\n",
        "a@example",
      ],
    );
  });

  it("run on every write and name the field", () => {
    const field = loose.char({ maxLength: 50, validators: [EmailValidator()] }).bind("email", "email");
    expect(thrown(() => field.forWrite("nobody"))).toMatchObject({
      name: "ValidationError",
      message: "email: Value is not a valid email address.",
    });
    expect(field.clean("nobody")).toBe("nobody");
  });

  it("never repeat the value in their sentence", () => {
    const rules: Rule[] = [
      RegexValidator("^x"),
      MaxLengthValidator(1),
      MinValueValidator(1),
      validateIpv4Address,
      DomainNameValidator(),
      UrlValidator(),
      EmailValidator(),
      CommaSeparatedIntegerListValidator(),
    ];
    for (const rule of rules) expect(rule("SECRET" as never)).not.toContain("SECRET");
  });
});
