import { describeStrictCrypto } from "../support/strict-crypto-vectors.ts";

describeStrictCrypto();
