// Loaded into a tested process before anything else: replaces the resolver, so that no real lookup happens. The file
// TEST_NAMES holds either an error code, such as ENOTFOUND, or the address for all names. Every name that is looked up is
// added to the file TEST_NAMES_ASKED.
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
