/** `dateJoined` → `date_joined`, `HTTPServer` → `http_server`, `user2Role` → `user2_role`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1_$2")
    .toLowerCase();
}

/** The name of an index or unique rule: `idx_users_usernam_5f8e3a`, at most 30 characters. */
export function indexName(prefix: string, table: string, columns: readonly string[]): string {
  return `${prefix}_${table.slice(0, 11)}_${columns[0]!.slice(0, 7)}_${sha256([table, ...columns].join(";")).slice(0, 6)}`;
}

/** The name of a foreign key: `fk_order_users_b2071e10`, at most 30 characters. */
export function foreignKeyName(table: string, column: string, target: string, to: string): string {
  return `fk_${table.slice(0, 8)}_${target.slice(0, 8)}_${sha256([table, column, target, to].join(";")).slice(0, 8)}`;
}

/**
 * SHA-256 of a text, in hexadecimal. Names need it synchronously, and Web Crypto only answers with a promise.
 * FIPS 180-4, section 6.2.
 */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const blocks = new Uint8Array((((bytes.length + 8) >> 6) << 6) + 64);
  blocks.set(bytes);
  blocks[bytes.length] = 0x80;
  const view = new DataView(blocks.buffer);
  view.setUint32(blocks.length - 4, bytes.length * 8);
  const { roots: hash, constants } = sha256Numbers();
  const words = new Uint32Array(64);
  for (let at = 0; at < blocks.length; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const early = words[i - 15]!;
      const late = words[i - 2]!;
      words[i] =
        (turn(late, 17) ^ turn(late, 19) ^ (late >>> 10)) +
        words[i - 7]! +
        (turn(early, 7) ^ turn(early, 18) ^ (early >>> 3)) +
        words[i - 16]!;
    }
    let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i]! + words[i]!) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      hash[i] = (hash[i]! + word) | 0;
    });
  }
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

/** The first 32 bits of the fractions of the square and cube roots of the first primes. */
function sha256Numbers(): { roots: number[]; constants: number[] } {
  const roots: number[] = [];
  const constants: number[] = [];
  for (let n = 2; constants.length < 64; n++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) prime = false;
    if (!prime) continue;
    const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0;
    if (roots.length < 8) roots.push(fraction(Math.sqrt(n)));
    constants.push(fraction(Math.cbrt(n)));
  }
  return { roots, constants };
}
