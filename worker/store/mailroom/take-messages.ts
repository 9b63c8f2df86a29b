import type { Message, MessageDraft } from "../../../contract/message.ts";
import { ANYONE, machineOf } from "../entry.ts";
import type { Machines } from "./machines.ts";
import { placeAt } from "./place.ts";
import type { Tables } from "./tables.ts";
import type { Writer } from "./writer.ts";

interface Room {
  readonly tables: Tables;
  readonly writer: Writer;
  readonly machines: Machines;
}

/** Puts messages of another store where they belong by time, with their receipts. @returns how many were not here before */
export function takeMessages({ tables, writer, machines }: Room, messages: readonly Message[]): number {
  const isKnown = (id: string) => tables.first("SELECT place FROM messages WHERE id = ?", id) !== undefined;
  const missing = messages.filter(({ id }) => !isKnown(id));
  for (const message of missing) {
    const place = freePlaceAt(tables, Date.parse(message.timestamp));
    writer.insert(draftOf(message), message.id, place);
    machines.note(machineOf(message), Date.parse(message.timestamp), {});
    for (const { machine, shownAt, readAt, takenAt } of message.receipts ?? []) {
      const marks = { shown: timeOrNull(shownAt), read: timeOrNull(readAt), taken: timeOrNull(takenAt) };
      writer.mark(place, machine, marks);
      const seenMs = Math.max(...Object.values(marks).map((at) => at ?? 0));
      if (machine !== ANYONE) machines.note(machine, seenMs, {});
    }
  }
  return missing.length;
}

function freePlaceAt(tables: Tables, ms: number): number {
  let place = placeAt(ms);
  while (tables.first("SELECT place FROM messages WHERE place = ?", place)) place++;
  return place;
}

/** A message of another store as it was sent. */
function draftOf(message: Message): MessageDraft {
  const { content, from, to, project, tags, kind, replyTo, session, work, hops, expiresAt, timestamp } = message;
  return {
    ...{ content, from, to, project, tags, kind },
    ...(replyTo && { replyTo }),
    ...(session && { session }),
    ...(work && { work }),
    ...(hops !== undefined && { hops }),
    ...(expiresAt && { expiresInSeconds: (Date.parse(expiresAt) - Date.parse(timestamp)) / 1000 }),
  };
}

function timeOrNull(at: string | undefined): number | null {
  return at === undefined ? null : Date.parse(at);
}
