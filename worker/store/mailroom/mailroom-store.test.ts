import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach } from "vitest";
import type { Ambient } from "../../ambient.ts";
import { describeMessageStore } from "../conformance.ts";
import type { MessageStore } from "../message-store.ts";
import { MailroomStore } from "./mailroom-store.ts";

beforeEach(() => reset());

describeMessageStore("MailroomStore", inObject);

/** The store over the object's own storage, with what a test injects. */
function inObject(ambient: Ambient): MessageStore {
  const call = (name: string, args: unknown[]) =>
    runInDurableObject(env.MAILROOM.getByName("mailroom"), (_, { storage }) =>
      Reflect.apply(Reflect.get(MailroomStore.prototype, name), new MailroomStore(storage.sql, ambient), args),
    );
  return new Proxy({} as MessageStore, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        call(String(name), args),
  });
}
