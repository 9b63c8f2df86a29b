import { Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { describe, expect, it } from "vitest";
import { CannotDecrypt, decryptWith, encryptFor, MAX_RECIPIENTS } from "./age.ts";

const identity = await generateIdentity();
const recipient = await identityToRecipient(identity);
const text = Buffer.from("a text");

describe("a text that is encrypted for many", () => {
  it("is opened by the last one of as many machines as a person may have", async () => {
    const others = await Promise.all(Array.from({ length: MAX_RECIPIENTS - 1 }, newRecipient));
    const opened = await decryptWith(identity, await encryptFor([...others, recipient], text));
    expect(Buffer.from(opened)).toEqual(text);
  });

  it("is not tried when it names more, even by the one that it is for", async () => {
    const encrypter = new Encrypter();
    for (let count = 0; count <= MAX_RECIPIENTS; count++) encrypter.addRecipient(recipient);
    const refused = await decryptWith(identity, await encrypter.encrypt(text)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CannotDecrypt);
    expect(refused).toMatchObject({ isForOthers: false });
  });

  it("is not made for more", async () => {
    const many = Array.from({ length: MAX_RECIPIENTS + 1 }, () => recipient);
    await expect(encryptFor(many, text)).rejects.toMatchObject({ code: "invalid_request" });
  });
});

async function newRecipient(): Promise<string> {
  return identityToRecipient(await generateIdentity());
}
