import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fileChangesBy } from "./file-changes.ts";
import { simpleCommands } from "./simple-commands.ts";

const FOLDER = "/home/dev/demo";
const changes = (command: string) =>
  fileChangesBy(command, FOLDER).map(({ path, change, from, isUnsure }) =>
    [
      change,
      path.replace(`${FOLDER}/`, ""),
      ...(from ? [from.replace(`${FOLDER}/`, "")] : []),
      ...(isUnsure ? ["?"] : []),
    ].join(" "),
  );

describe("the files that a command changes", () => {
  it.each<[string, string[]]>([
    ["cat > a.py <<'E'\nx > y\nE", ["created a.py"]],
    ["cat <<E > a.txt\nmv x y\nE\nmv b c", ["created a.txt", "created c b"]],
    ["tee a.yml <<E >/dev/null\nx\nE", ["created a.yml"]],
    ["echo x >> a.txt 2>/dev/null; ls > /dev/null 2>&1", ["edited a.txt"]],
    ["sed -i 's/a/b/' x.ts y.ts", ["edited x.ts", "edited y.ts"]],
    ["sed -i '' -e 's/a/b/' x.ts", ["edited x.ts"]],
    ["perl -pi -e 's/a/b/' x.pl", ["edited x.pl"]],
    ["mv a b d/", ["created d/a a", "created d/b b"]],
    ["git mv 'a b' c", ["created c a b"]],
    ["cp a.txt b.txt", ["created b.txt"]],
    ["cd sub && touch a.txt", ["created sub/a.txt"]],
    ["(cd web && echo a > b)", ["created web/b"]],
    ["(cd a && touch c) && touch b", ["created a/c", "created b"]],
    ["(cd a; (cd b; touch c); touch d)", ["created a/b/c", "created a/d"]],
    ["{ cd a; touch b; }; touch c", ["created a/b", "created a/c"]],
    ["test -f x &&\n  touch a", ["created a"]],
    ["touch a && test -f x; echo ok", ["created a"]],
    ["touch a; [[ 1 > two && x < y ]] && (( a > three )) && touch b", ["created a", "created b"]],
    ["curl -sSo a.json https://x.example/a", ["created a.json"]],
    ["node -e \"require('fs').writeFileSync('a.json','{}')\"", ["created a.json"]],
    ["python3 -c \"from pathlib import Path; p=Path('x.py'); p.write_text(p.read_text().upper())\"", ["edited x.py"]],
    [
      "python - <<'E'\nfor f in ['a.py','b.py']:\n  s=open(f).read()\n  open(f,'w').write(s)\nE",
      ["edited a.py", "edited b.py"],
    ],
    ["rm a.txt", ["deleted a.txt"]],
    ["rm -v ./src/a.ts ../b.ts", ["deleted src/a.ts", "deleted /home/dev/b.ts"]],
    ["rm /etc/x 'with space.txt' \"and 'this'\"", ["deleted /etc/x", "deleted with space.txt", "deleted and 'this'"]],
    ["git rm -f -- a.txt", ["deleted a.txt"]],
    ["rm -f a.txt", ["deleted a.txt ?"]],
    ["git mv a b && rm -f c && echo done", ["created b a", "deleted c ?"]],
  ])("are named by its words: %j", (command, expected) => {
    expect(changes(command)).toEqual(expected);
  });

  it.each([
    "rm -r src",
    "rm *.log",
    "rm $FILE",
    "rm `ls`",
    "rm {a,b}.txt",
    "rm build/",
    "rm ''",
    "rm ~/a.txt",
    "git rm --cached a.txt",
    "echo rm a.txt",
    'printf x > "$OUT"',
    "for f in *.ts; do sed -i s/a/b/ $f; done",
    "npm test > test.log 2>&1",
    "grep -rn '=>' src",
    "[ $a -gt 3 ] && echo 'a > b'",
    "cat a.txt > /tmp/b.txt",
    "cd $DIR && echo a > b",
    "true || echo a > b",
    "if [ -f x ]; then echo a > y; else touch z; fi",
    "while read x; do touch a; done < list",
    "case $x in a) touch a;; esac",
    "make() { touch a; }",
    "grep -q x f && rm src/a.ts; echo ok",
    "grep -q x f && rm src/a.ts || true",
    "rm a.txt || true",
    "exit 0; touch a",
    "cd && touch a",
    "cd - && touch a",
    "test -d a && cd a; touch b",
    "[[ 1 > two ]]; (( a > three ))",
    "sed 's/a/b/' x.ts",
    "python - <<'E'\nprint(open('a').read())\nE",
  ])("are not guessed: %j", (command) => {
    expect(changes(command)).toEqual([]);
  });

  it("are known of PowerShell's plain forms", () => {
    const line = "Set-Content -Path src\\a.txt -Value x; 'y' | Out-File b.txt -Append; Move-Item c.txt d.txt";
    expect(fileChangesBy(line, undefined, simpleCommands(line, true))).toEqual([
      { path: "src\\a.txt", change: "created" },
      { path: "b.txt", change: "edited" },
      { path: "d.txt", change: "created", from: "c.txt" },
    ]);
  });

  it("are read from any text without an error, and quickly", () => {
    const part = fc.constantFrom(
      "'",
      '"',
      "`",
      "$(",
      ")",
      "<<E\n",
      "E\n",
      "> ",
      "&&",
      "|",
      "\\",
      "rm ",
      "a",
      " ",
      "\n",
      "#",
      "{",
      ";",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        expect(fileChangesBy(parts.join(""), FOLDER)).toBeInstanceOf(Array);
      }),
    );
    for (const text of ["'", "$(", "<<E ", "open(a,'w')", "a=", "> a "])
      expect(fileChangesBy(`python -c "${text.repeat(4_000)}`, FOLDER)).toBeInstanceOf(Array);
  });
});
