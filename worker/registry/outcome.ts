import type { ProblemCode } from "../../contract/problem.ts";
import { Refusal } from "../refusal.ts";
import type { RegistryStore } from "./registry-store.ts";

/** Anything that the registry answers to, by its name. */
export type RegistryCall = keyof RegistryStore;

interface Refused {
  readonly refused: { readonly status: number; readonly code: ProblemCode; readonly message: string };
}

/** What a call came to. An error's class does not go over the border of an object, so it goes as its parts. */
export type RegistryOutcome<T> = { readonly done: T } | Refused;

export function refusedOf(error: unknown): Refused | null {
  if (!(error instanceof Refusal)) return null;
  const { status, code, message } = error;
  return { refused: { status, code, message } };
}
