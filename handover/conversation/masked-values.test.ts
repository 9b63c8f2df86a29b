import { describe, expect, it } from "vitest";
import { letters } from "../../test/support/secrets/letters.ts";
import { maskValues } from "./masked-values.ts";

const TOKEN = `${"gh"}p_${letters("conversation", 36)}`;
const GONE = "[a GitHub token, left out by Photon]";

const masked = async (...lines: string[]) => {
  const { values, findings } = await maskValues(
    lines.map((line) => JSON.parse(line)),
    {},
  );
  return { lines: values.map((value) => JSON.stringify(value)), findings };
};

describe("secrets in JSON", () => {
  it("are masked in strings and in names of fields, and the result is valid JSON", async () => {
    const { lines, findings } = await masked(`{"a":["x ${TOKEN} y",{"${TOKEN}":1}],"b":2}`, '{"c":"harmless"}');
    expect(lines).toEqual([`{"a":["x ${GONE} y",{"${GONE}":1}],"b":2}`, '{"c":"harmless"}']);
    expect(findings).toHaveLength(2);
  });

  it("are found however the JSON writes their characters", async () => {
    const escaped = [...TOKEN].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
    expect((await masked(`{"a":"${escaped}"}`)).lines).toEqual([`{"a":"${GONE}"}`]);
    expect((await masked(`{"a":"\\"${TOKEN}\\"\\n"}`)).lines).toEqual([`{"a":"\\"${GONE}\\"\\n"}`]);
  });

  /** In parts, so that the scan of this repository does not find it. */
  const VALUE = ["xK9#", "mq2Lw"].join("");

  it("are found by the name of their field", async () => {
    expect((await masked(`{"db_password":"${VALUE}"}`)).lines[0]).not.toContain("xK9");
    expect((await masked(`{"text":"${VALUE}"}`)).lines[0]).toContain("xK9");
  });

  it.each([
    { passwords: [VALUE, VALUE] },
    { password: { value: VALUE } },
    { name: "DB_PASSWORD", value: VALUE },
    { env: { DB_PASS: "letters" } },
    { text: `DB_PASS=${VALUE}\nPORT=1` },
    { text: `     1→DB_PASS=${VALUE}` },
    { text: `export ADMIN_PIN="${VALUE}"` },
    { text: JSON.stringify({ out: `A=1\nMY_KEY=${VALUE}\nB=2` }) },
    { text: JSON.stringify({ a: JSON.stringify({ password: VALUE }) }) },
    { text: JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ api_key: VALUE }) }) }) },
    { text: JSON.stringify([{ name: "DB_PASSWORD", value: VALUE }]) },
  ])("are found by a name around them: %j", async (value) => {
    const { values, findings } = await maskValues([value], {});
    expect(JSON.stringify(values)).not.toMatch(/xK9|letters/);
    expect(findings.length).toBeGreaterThan(0);
    const allowed = findings.map(({ code }) => code);
    const again = await maskValues([value], { allowed });
    const rest = again.findings.map(({ code }) => code);
    expect((await maskValues([value], { allowed: [...allowed, ...rest] })).values).toEqual([value]);
  });

  it.each([
    "const key = value; SORT_KEY = 3; MAX_TOKENS=512",
    "PWD=/home/bob TOKEN=$OTHER API_KEY=$(pass) AUTH=<yours>",
    "password=%s author=bob monkey=banana",
    'const text = "{\\"author\\":\\"bob the builder\\"}"',
  ])("are not seen in code: %s", async (text) => {
    expect((await maskValues([{ text }], {})).values).toEqual([{ text }]);
  });

  it("are masked in one string only, even at its end or without a string between", async () => {
    const { lines } = await masked(JSON.stringify(["", TOKEN, TOKEN, "", "b"]));
    expect(lines).toEqual([JSON.stringify(["", GONE, GONE, "", "b"])]);
  });

  it("are found in a file that a tool shows with line numbers", async () => {
    const body = letters("key", 64);
    const key = [`-----BEGIN ${"PRIVATE"} KEY-----`, body, body, `-----END ${"PRIVATE"} KEY-----`];
    for (const sign of ["\t", "→"]) {
      const shown = key.map((line, at) => `${at + 1}${sign}${line}`).join("\n");
      expect((await masked(JSON.stringify({ content: shown }))).lines[0]).not.toContain(body);
    }
  });

  it("leave a field named __proto__ a field", async () => {
    expect((await masked('{"__proto__":{"a":1}}')).lines).toEqual(['{"__proto__":{"a":1}}']);
  });
});
