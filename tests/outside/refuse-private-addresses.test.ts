import { describe, expect, test } from "vitest";
import { checkDestination } from "../../api/providers/outside/check-destination.ts";
import { isPrivateAddress } from "../../api/providers/outside/private-addresses.ts";

const closed = [
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:10.0.0.1",
  "::ffff:192.168.0.1",
  "::FFFF:169.254.169.254",
  "0:0:0:0:0:ffff:a00:1",
  "::ffff:0:127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "2002:7f00:1::",
  "2001:db8::1",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fe80::1%eth0",
  "febf::1",
  "fec0::1",
  "ff02::1",
  "",
  "localhost",
  "127.1",
  "256.1.1.1",
];

const open = [
  "1.1.1.1",
  "8.8.8.8",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.1",
  "172.15.255.255",
  "172.32.0.0",
  "192.167.255.255",
  "198.20.0.1",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:81b::200e",
  "::ffff:8.8.8.8",
  "::ffff:808:808",
];

describe("an address", () => {
  test.each(closed)("is private: %s", (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });
  test.each(open)("is public: %s", (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe("a URL that somebody names", () => {
  const check = (url: string) => checkDestination(url, { allowPrivate: false });

  test.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://0x7f.1/",
    "http://0x7f000001:8080/",
    "http://127.1/",
    "http://0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/latest/meta-data",
    "http://169.254.169.254/latest/meta-data",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://shop.localhost:3000/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://router.home.arpa/",
    // Full-width digits and dots become plain ones.
    "http://１２７。０．０．１/",
  ])("leads inside: %s", async (url) => {
    expect(await check(url)).toBe("private");
  });

  test("cannot be used when its name does not exist", async () => {
    expect(await check("http://no-such-host.invalid/")).toBe("unresolvable");
  });

  test("may lead inside where that is allowed", async () => {
    expect(await checkDestination("http://localhost/", { allowPrivate: true })).toBeNull();
  });
});
