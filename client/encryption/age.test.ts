import { Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { describe, expect, it } from "vitest";
import { CannotDecrypt, decryptWith, encryptFor, MAX_RECIPIENTS } from "./age.ts";

const identity = await generateIdentity();
const recipient = await identityToRecipient(identity);
const text = Buffer.from("a text");

describe("a text encrypted for many machines", () => {
  it("can be decrypted by the last of the most recipients allowed", async () => {
    const others = await Promise.all(Array.from({ length: MAX_RECIPIENTS - 1 }, newRecipient));
    const opened = await decryptWith(identity, await encryptFor([...others, recipient], text));
    expect(Buffer.from(opened)).toEqual(text);
  });

  it("is not decrypted if it names more, even by one of them", async () => {
    const encrypter = new Encrypter();
    for (let count = 0; count <= MAX_RECIPIENTS; count++) encrypter.addRecipient(recipient);
    const refused = await decryptWith(identity, await encrypter.encrypt(text)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(CannotDecrypt);
    expect(refused).toMatchObject({ isForOthers: false });
  });

  it("cannot be made for more", async () => {
    const many = Array.from({ length: MAX_RECIPIENTS + 1 }, () => recipient);
    await expect(encryptFor(many, text)).rejects.toMatchObject({ code: "invalid_request" });
  });
});

async function newRecipient(): Promise<string> {
  return identityToRecipient(await generateIdentity());
}
