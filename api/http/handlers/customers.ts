import { findCustomer } from "../../features/customers/find-customer.ts";
import type { CustomerCaller } from "../../features/customers/may-act-for.ts";
import { normalisePhone } from "../../features/customers/normalise-phone.ts";
import { resendCode } from "../../features/customers/resend-code.ts";
import { signUpCustomer } from "../../features/customers/sign-up-customer.ts";
import { verifyCustomer } from "../../features/customers/verify-customer.ts";
import type { IdempotentOutcome } from "../../kernel/idempotency.ts";
import type { Caller } from "../caller.ts";
import { claimOf } from "../idempotency-key.ts";
import { outcomeReply } from "../outcome-reply.ts";
import { presentAttempt, presentCustomer, presentVerification } from "../present-customers.ts";
import { RequestProblem } from "../problem-reply.ts";
import { jsonReply } from "../reply.ts";
import { opened, sealed } from "../seal-outcome.ts";
import type { ApiRequest, Handler } from "../serve-operation.ts";
import type { Services } from "../services.ts";

export const postCustomer: Handler<"create_customer"> = async (request, services) => {
  const { body, claim, requestId } = request;
  const { first_name, last_name, email, phone_number } = body.customer;
  const phone = await normalisePhone(phone_number);
  if (phone.kind === "invalid") {
    const errors = [{ pointer: "/customer/phone_number", detail: phone.fault }];
    throw new RequestProblem("validation_failed", { errors });
  }
  await countSignUp(request, services);
  const asked = claimOf(request.callerName, request.path, body.request_id, body.customer);
  const signUp = {
    requestDigest: asked.keyDigest,
    bodyDigest: asked.requestDigest,
    firstName: first_name,
    lastName: last_name,
    email,
    phoneNumber: phone.phoneNumber,
  };
  const outcome = await signUpCustomer(services, signUp, claim, (view) =>
    jsonReply(201, presentCustomer(view)),
  );
  return outcomeReply(requireDone(outcome), requestId);
};

export const postVerify: Handler<"verify_customer"> = async (request, services) => {
  const { body, claim, requestId, secret } = request;
  const caller = changerOf(request.caller, services);
  const attempt = { customerId: request.param("customer_id"), code: body.verification_code, caller };
  const outcome = await verifyCustomer(services, attempt, claim, (report) =>
    sealed(jsonReply(200, presentAttempt(report)), secret),
  );
  return outcomeReply(opened(requireDone(outcome), secret), requestId);
};

export const postResend: Handler<"resend_code"> = async (request, services) => {
  const { claim, requestId } = request;
  const caller = changerOf(request.caller, services);
  await countSignUp(request, services);
  const resend = { customerId: request.param("customer_id"), caller };
  const outcome = await resendCode(services, resend, claim, (code) =>
    jsonReply(202, { verification: presentVerification(code) }),
  );
  return outcomeReply(requireDone(outcome), requestId);
};

export const getCustomer: Handler<"find_customer"> = async (request, services) => {
  const view = await findCustomer(services, request.param("customer_id"), readerOf(request.caller));
  if (view === null) throw new RequestProblem("customer_not_found");
  return jsonReply(200, presentCustomer(view));
};

/** Who tries or asks for a code. Where sign-up is public, that is how one signs in, with whatever token or none. */
function changerOf(caller: Caller, { publicSignup }: Services): CustomerCaller {
  if (caller.kind === "buyer" && !publicSignup) return { kind: "buyer", userId: caller.userId };
  return { kind: caller.kind === "key" ? "shop" : "anyone" };
}

function readerOf(caller: Caller): CustomerCaller {
  switch (caller.kind) {
    case "key":
      return { kind: "shop" };
    case "buyer":
      return { kind: "buyer", userId: caller.userId };
    case "anonymous":
      return { kind: "anyone" };
  }
}

/** Every SMS costs money: who has no key of the shop's may have a few sent. */
async function countSignUp({ caller, address }: ApiRequest, { rateLimiter }: Services): Promise<void> {
  if (caller.kind !== "key") await rateLimiter.countSignUp(address);
}

/** @throws RequestProblem for a refusal that is no outcome of the record */
function requireDone(
  outcome:
    | IdempotentOutcome
    | { readonly kind: "codes_limited"; readonly waitMs: number }
    | { readonly kind: "customer_not_found" },
): IdempotentOutcome {
  switch (outcome.kind) {
    case "customer_not_found":
      throw new RequestProblem("customer_not_found");
    case "codes_limited":
      throw new RequestProblem("rate_limited", {
        detail: "Another code cannot be sent yet.",
        retryAfterSeconds: Math.max(1, Math.ceil(outcome.waitMs / 1000)),
      });
    default:
      return outcome;
  }
}
