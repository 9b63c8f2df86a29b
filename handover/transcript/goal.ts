import { isSubstantial, MAX_FIRST, MAX_LAST, weightOf, withoutPaste } from "./prompt-weight.ts";
import type { TranscriptFacts } from "./transcript-facts.ts";

/** What the session is about, over its whole length. */
export interface Goal {
  /** null if the person asked for nothing. */
  readonly text: string | null;
  /** Whether the text is the client's, from its summary of the conversation. */
  readonly isFromClient: boolean;
  /** The other prompts that say something, in their order. */
  readonly before: readonly string[];
  readonly later: readonly string[];
}

interface Asked {
  readonly text: string;
  readonly weight: number;
  /** Among all prompts. */
  readonly index: number;
}

/** From so many prompts on, the first one says little about what the session does now. */
const LONG_SESSION = 6;
/** The weight of a prompt that may begin new work. */
const MIN_WORK_WEIGHT = 40;
const MIN_FIRST_WEIGHT = 15;
/** Words that add to the work before. */
const ADDITION =
  /^(?:also|and|then|but|plus|now also|additionally|no|not|only|just|instead|rather|in|use|with|without|first|make sure|don't|do not|never)\b/i;

export function goalOf({ prompts, title, summary, promptsBeforeSummary }: TranscriptFacts): Goal {
  const asked = askedIn(prompts);
  if (summary?.intent) {
    const later = asked.filter(({ index }) => index >= promptsBeforeSummary);
    return {
      text: summary.intent,
      isFromClient: true,
      before: texts(asked.slice(0, 1).filter((one) => !later.includes(one))),
      later: texts(later),
    };
  }
  const goal = chosen(asked, title);
  if (goal === undefined) return { text: prompts[0] ?? null, isFromClient: false, before: [], later: [] };
  const at = asked.indexOf(goal);
  return { text: goal.text, isFromClient: false, before: texts(asked.slice(0, at)), later: texts(asked.slice(at + 1)) };
}

/** The prompts that say something, each once, without what was pasted. */
function askedIn(prompts: readonly string[]): Asked[] {
  const known = new Set<string>();
  const isFar = (index: number) => index >= MAX_FIRST && index < prompts.length - MAX_LAST;
  return prompts.flatMap((prompt, index) => {
    if (isFar(index)) return [];
    const text = withoutPaste(prompt);
    if (!isSubstantial(text) || known.has(text)) return [];
    known.add(text);
    return [{ text, weight: weightOf(text), index }];
  });
}

function chosen(asked: readonly Asked[], title: string | null): Asked | undefined {
  const work = asked.filter(isWork);
  const candidates = work.length > 0 ? work : asked;
  const titled = title === null ? undefined : closestTo(title, candidates);
  if (titled !== undefined) return titled;
  const [first] = candidates;
  // A short beginning ("run it") and then the work, in any language.
  if (first !== undefined && first.weight < MIN_FIRST_WEIGHT) {
    const work = candidates.find(({ weight }) => weight >= MIN_WORK_WEIGHT);
    if (work !== undefined) return work;
  }
  const long = candidates.filter(({ weight }) => weight >= MIN_WORK_WEIGHT);
  return (asked.length >= LONG_SESSION ? long.at(-1) : undefined) ?? first;
}

/** Prompts that only look around or use the tools. */
const CHORE =
  /^(?:please |pls |can you |could you |now |ok,? |let'?s )*(?:run|start|launch|open|show|load|read|list|check|look|see|commit|push|pull|install|explain|tell|say|describe|restart|stop|go through|get familiar|familiari[sz]e|what|where|who|which|how|why|when|is|are|was|does|did|do (?:we|you|i)|have you|should)\b/i;
const REQUEST = /^(?:can|could|would|will) you (?!explain|tell|show|see|check|run|read)/i;

/** Whether a prompt begins work: not a question, and not a short look around. */
function isWork({ text, weight, index }: Asked): boolean {
  if (index > 0 && ADDITION.test(text)) return false;
  if (REQUEST.test(text)) return true;
  if (/[?？]\s*$/.test(text) && weight < 3 * MIN_WORK_WEIGHT) return false;
  return !(CHORE.test(text) && weight < MIN_WORK_WEIGHT);
}

/** The prompt with the most words of the client's title; undefined if none has two of them. */
function closestTo(title: string, asked: readonly Asked[]): Asked | undefined {
  const words = wordsOf(title);
  const scored = asked.map((one) => ({ one, score: [...wordsOf(one.text)].filter((word) => words.has(word)).length }));
  const best = Math.max(1, ...scored.map(({ score }) => score));
  return best < 2 ? undefined : scored.find(({ score }) => score === best)?.one;
}

function wordsOf(text: string): Set<string> {
  return new Set(
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}]{4,}/gu)
      ?.map((word) => word.slice(0, 6)) ?? [],
  );
}

function texts(asked: readonly Asked[]): string[] {
  return asked.map(({ text }) => text);
}
