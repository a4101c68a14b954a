import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import type { Sent } from "./http-client.ts";
import type { TestService } from "./open-test-service.ts";

/** Numbers that are kept for fiction: those of area codes of North America, 555-0100 to 555-0199. */
const areaCodes = [212, 213, 305, 312, 404, 415, 503, 512, 602, 617, 702, 713, 808, 907];
let numbersGiven = 0;

/** A phone number in E.164 that no other call of this test file has got. */
export function freshPhone(): string {
  const index = numbersGiven++;
  const areaCode = areaCodes[Math.floor(index / 100)];
  if (areaCode === undefined) throw new Error("There are no more numbers.");
  return `+1${areaCode}55501${String(index % 100).padStart(2, "0")}`;
}

/** Sends the calls for customers, as the shop unless told otherwise. */
export function customerCalls({ send, keys }: Pick<TestService, "send"> & { keys: { service: string } }) {
  const withKey = ({ anonymous, ...sent }: Sent & { anonymous?: boolean }): Sent =>
    anonymous === true ? sent : { as: keys.service, ...sent };
  type Options = Sent & { readonly anonymous?: boolean };
  const signUp = (phoneNumber: string, { requestId, customer, ...sent }: Options & SignUpOptions = {}) =>
    send("post", "/v1/customers", {
      ...withKey(sent),
      body: {
        request_id: requestId ?? randomUUID(),
        customer: {
          first_name: "Ada",
          last_name: "Lovelace",
          email: "ada@example.org",
          phone_number: phoneNumber,
          ...customer,
        },
      },
    });
  return {
    signUp,
    /** Signs up, and fails unless that succeeds. @returns the customer's id */
    makeCustomer: async (phoneNumber: string, sent: Options & SignUpOptions = {}) => {
      const made = await signUp(phoneNumber, sent);
      if (made.status !== 201) throw new Error(`Wanted 201, got ${made.status} ${made.text}`);
      return idOf(made);
    },
    verify: (customerId: string, code: string, sent: Options = {}) =>
      send("post", `/v1/customers/${customerId}/verify`, {
        body: { verification_code: code },
        ...withKey(sent),
      }),
    resend: (customerId: string, sent: Options = {}) =>
      send("post", `/v1/customers/${customerId}/resend`, { body: {}, ...withKey(sent) }),
    find: (customerId: string, sent: Options = {}) =>
      send("get", `/v1/customers/${customerId}`, withKey(sent)),
  };
}

interface SignUpOptions {
  readonly requestId?: string;
  readonly customer?: object;
}

/** The id of the customer that an answer tells of. */
export function idOf({ body }: Answer): string {
  return String((body["customer"] as { readonly id: string }).id);
}
