import { MAX_TAG_CHARS } from "../../contract/message.ts";
import { type Finding, maskSecrets } from "./mask-secrets.ts";

/** The free text of a message. */
interface Texts {
  readonly content: string;
  readonly tags?: string[] | null | undefined;
}

/**
 * Removes the secrets that a scan finds in a message's text and tags.
 *
 * @throws PhotonError `internal` if the scan fails; the message is then neither sent nor stored
 */
export async function withoutSecrets<Written extends Texts>(
  written: Written,
  options: Parameters<typeof maskSecrets>[1],
): Promise<{ outgoing: Written; masked: Finding[] }> {
  const content = await maskSecrets(written.content, options);
  const tags = await Promise.all((written.tags ?? []).map((tag) => maskSecrets(tag, options)));
  const masked = [content, ...tags].flatMap(({ findings }) => findings);
  if (masked.length === 0) return { outgoing: written, masked };
  const shortTags = tags.map(({ text, findings }) => (findings.length === 0 ? text : text.slice(0, MAX_TAG_CHARS)));
  return { outgoing: { ...written, content: content.text, ...(written.tags && { tags: shortTags }) }, masked };
}
