/** Files that the text of a script in Python, JavaScript or Ruby names and writes. */
export function filesWrittenBy(script: string): { file: string; wasRead: boolean }[] {
  if (!WRITES.test(script)) return [];
  const found = new Map<string, boolean>();
  const places = [...script.matchAll(PLACES)].map((groups) => groups.slice(1).find((group) => group) ?? "");
  for (const expression of [...new Set(places)].slice(0, MAX_PLACES)) {
    const names = /^['"]/.test(expression) ? [expression.slice(1, -1)] : valuesOf(expression, script);
    const isRead = new RegExp(
      `(?:open|read_text|readFile\\w{0,9}|read)\\(?\\s{0,9}\\(?${escaped(expression)}\\s{0,9}(?:,\\s{0,9}(?:['"]r|['"]utf|encoding)[^)]{0,200})?\\)|${escaped(expression)}\\)?\\.read_(?:text|bytes)|Path\\(${escaped(expression)}\\)\\.read`,
    ).test(script);
    for (const name of names) found.set(name, isRead || found.get(name) === true);
  }
  return [...found].map(([file, wasRead]) => ({ file, wasRead }));
}

/** Each is searched for in the whole script. */
const MAX_PLACES = 20;
const WRITES = /['"][wax]b?\+?['"]|write_text|write_bytes|writeFile|appendFile|File\.write|\.write\(/;
const VALUE = `(?:'[^'\\n]+'|"[^"\\n]+"|[\\w.]+)`;
/** `open(x, 'w')`, `Path(x).write_text(`, `writeFileSync(x,` and `x.write_text(` */
const PLACES = new RegExp(
  `(?:open\\(\\s*(${VALUE})\\s*,\\s*(?:mode\\s*=\\s*)?['"][wax]b?\\+?['"]|Path\\(\\s*(${VALUE})\\s*\\)\\.write_(?:text|bytes)|(?:(?:writeFile|appendFile)(?:Sync)?|File\\.write)\\(\\s*(${VALUE})\\s*,)|\\b(\\w+)\\.write_(?:text|bytes)\\(`,
  "g",
);

/** The texts that a variable is set to, also by a loop over a list. */
function valuesOf(name: string, script: string): string[] {
  if (!/^\w+$/.test(name)) return [];
  const set = new RegExp(`\\b${name}\\s{0,99}=\\s{0,99}(?:\\w+\\.)?(?:Path\\()?\\s{0,99}(['"])([^'"\\n]+)\\1`, "g");
  const loop = new RegExp(
    `\\bfor\\s+(?:const\\s+|let\\s+)?\\(?(?:const\\s+|let\\s+)?${name}\\s+(?:in|of)\\s*[[(]([^\\])]{0,2000})[\\])]`,
    "g",
  );
  return [
    ...[...script.matchAll(set)].map(([, , value = ""]) => value),
    ...[...script.matchAll(loop)].flatMap(([, list = ""]) =>
      [...list.matchAll(/['"]([^'"\n]+)['"]/g)].map(([, value = ""]) => value),
    ),
  ];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
