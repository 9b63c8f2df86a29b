import { wordSet } from "../tools/programs.ts";

// What of a person's prompts is worth passing on.

/** Words that only answer or wave on, in the languages of recorded sessions. */
const ANSWERS = wordSet(
  "yes yep yeah y ya ok okay k sure no nope n please pls thanks thank you thx continue go on ahead proceed next do it that this",
  "done stop wait good great nice perfect cool fine lgtm looks all right correct try again retry resume keep going hi hello hey",
  "test and so well a b c d e f option both first second the one hmm agreed exactly work looks done then now",
  "ja nein weiter bitte danke mach oui non merci continuez si sí sim não obrigado gracias continua continúa segue vai perfeito",
  "да нет давай продолжай продолжи спасибо хорошо ок 好 好的 是 是的 对 继续 繼續 请继续 請繼續 可以 行 不 不用 谢谢 謝謝 没问题",
  "ありがとう はい いいえ 続けて お願いします 네 예 응 계속 계속해 계속해줘 확인 확인좀 좋아 감사합니다 có không nhé tiếp tục được vâng cảm ơn",
);

/** Images, and references to them. */
const IMAGES = /\[Image #?\d*[^\]]*\]|\(image\)|\betc\b\.?/gi;
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;

const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u;
const MAX_ANSWER_WORDS = 8;

/** How much a prompt says: letters and digits, where a character that is a word or a syllable counts for three. */
export function weightOf(prompt: string): number {
  const text = prompt.slice(0, MAX_WEIGHED_CHARS).replace(IMAGES, "").trim();
  const words = text.toLowerCase().split(BETWEEN_WORDS).filter(Boolean);
  if (words.length <= MAX_ANSWER_WORDS && words.every((word) => ANSWERS.has(word) || /^\d+$/.test(word))) return 0;
  return (text.match(/[\p{L}\p{N}]/gu)?.length ?? 0) + 2 * (text.match(WIDE)?.length ?? 0);
}

/** A longer prompt says enough. In UTF-16 code units. */
export const MAX_WEIGHED_CHARS = 400;
/** How many of the first and of the last prompts are read; of the others only the weight counts. */
export const MAX_FIRST = 20;
export const MAX_LAST = 60;
const MIN_WEIGHT = 10;

/** Whether a prompt says something: not "yes", "A", "continue" or an image alone. */
export function isSubstantial(prompt: string): boolean {
  return weightOf(prompt) >= MIN_WEIGHT;
}

const LONG_LINES = 5;
const PASTED =
  /^\s*(?:at \S+|\[?\d{4}[-/]\d\d|\[?\d\d:\d\d|[$>#%❯|{}<[\]*=+-]|\w*(?:Error|Exception)\b|Traceback|File "|(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE|npm|fatal|error|warning|panic|goroutine|Caused by|import|export|const|let|var|def|class|function|return|public|private|SELECT|diff|index|commit|Author)\b[ :{(!]|\S+[\\/]\S+:\d+|.*\|.*\||.*[;{}]\s*$|\d+[\s|:.)]|"[\w-]+":|[\w.-]+@[\w.-]+[:~$])/;

const MAX_LINE_CHARS = 200;
/** How many of the first and of the last lines are looked at. */
const MAX_LINES = 12;

/** Without a pasted log, table or code: the person's own lines, at its beginning or end. */
export function withoutPaste(prompt: string): string {
  const lines = prompt.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < LONG_LINES) return prompt;
  const [first = "", ...more] = lines;
  const last = more.slice(-2).filter(isProse);
  if (!isProse(first)) return last.length === 0 ? prompt : last.join("\n");
  const prose = more.slice(0, MAX_LINES).filter(isProse).length;
  return 2 * prose >= Math.min(more.length, MAX_LINES) ? prompt : [first, ...last].join("\n");
}

function isProse(line: string): boolean {
  const text = line.slice(0, MAX_LINE_CHARS);
  return !PASTED.test(text) && (text.match(/\p{L}{2,}/gu)?.length ?? 0) + (text.match(WIDE)?.length ?? 0) >= 3;
}
