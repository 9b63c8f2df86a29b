// Loaded into a tested process before anything else: the resolver of a machine without one. No name is ever asked of
// anybody. The file TEST_NAMES holds either the code of the error, as ENOTFOUND, or the address every name has; every
// name that was asked for is added to the file TEST_NAMES_ASKED.
import dns from "node:dns";
import { appendFileSync, readFileSync } from "node:fs";

const { TEST_NAMES = "", TEST_NAMES_ASKED = "" } = process.env;

dns.lookup = (name, options, callback = options) => {
  appendFileSync(TEST_NAMES_ASKED, `${name}\n`);
  const address = readFileSync(TEST_NAMES, "utf8");
  process.nextTick(() => {
    if (!address.startsWith("127.")) {
      callback(Object.assign(new Error(`getaddrinfo ${address} ${name}`), { code: address, syscall: "getaddrinfo" }));
    } else if (options?.all) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  });
};
