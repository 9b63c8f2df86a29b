import { describeStrictCrypto } from "../test/support/strict-crypto-vectors.ts";

describeStrictCrypto();
