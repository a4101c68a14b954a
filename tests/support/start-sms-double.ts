import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { GatewayAccount } from "../../api/providers/sms/gateway-sms.ts";

/** What goes wrong with one call. "after": the message was taken all the same. */
export type SmsFault =
  | "none"
  | "reset_before"
  | "reset_after"
  | "silence_after"
  | "half_answer_after"
  | "error_500"
  | "error_503_with_retry_after"
  | "rate_limited"
  | "refused"
  | "wrong_account"
  | "redirect"
  | "portal_page"
  | "lie_200"
  | "lie_empty"
  | "lie_failed"
  | "lie_other_phone"
  | "endless_answer";

export interface TakenSms {
  readonly to: string;
  readonly from: string;
  readonly body: string;
}

export interface SmsDouble {
  readonly account: GatewayAccount;
  /** What it would have delivered, in order. */
  readonly taken: readonly TakenSms[];
  /** How often it was asked. */
  readonly calls: () => number;
  /** Of the next calls, each is met by one of these. */
  failNext(...faults: readonly SmsFault[]): void;
  /** Every call is met by this from now on. */
  failAlways(fault: SmsFault): void;
  close(): Promise<void>;
}

/** Starts a stand-in for an SMS gateway in Twilio's form on a free port, which misbehaves as it is told. */
export async function startSmsDouble(): Promise<SmsDouble> {
  const taken: TakenSms[] = [];
  const faults: SmsFault[] = [];
  let always: SmsFault = "none";
  let callsCount = 0;
  const account = { account: "AC0", token: "secret:with colon", from: "+15005550006" };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    callsCount += 1;
    const form = new URLSearchParams(await readText(request));
    const fault = faults.shift() ?? always;
    const isAllowed =
      request.headers.authorization ===
      `Basic ${Buffer.from(`${account.account}:${account.token}`).toString("base64")}`;
    if (request.method !== "POST" || request.url !== "/2010-04-01/Accounts/AC0/Messages.json" || !isAllowed)
      return answer(response, 401, { code: 20003, message: "Authenticate", status: 401 });
    const message = {
      to: form.get("To") ?? "",
      from: form.get("From") ?? "",
      body: form.get("Body") ?? "",
    };
    if (refuse(fault, request, response, message)) return;
    taken.push(message);
    misanswer(fault, request, response, message);
  };
  const server = createServer(
    (request, response) => void serve(request, response).catch(() => response.destroy()),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    account: { ...account, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    taken,
    calls: () => callsCount,
    failNext: (...next) => void faults.push(...next),
    failAlways: (fault) => {
      always = fault;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @returns whether the message was not taken, and that is answered */
function refuse(
  fault: SmsFault,
  request: IncomingMessage,
  response: ServerResponse,
  { to }: TakenSms,
): boolean {
  switch (fault) {
    case "reset_before":
      request.socket.destroy();
      return true;
    case "error_500":
      answer(response, 500, { code: 20500, message: "Internal Server Error", status: 500 });
      return true;
    case "error_503_with_retry_after":
      answer(response, 503, {}, { "retry-after": "7" });
      return true;
    case "rate_limited":
      answer(response, 429, { code: 20429, message: "Too Many Requests", status: 429 });
      return true;
    case "refused":
      answer(response, 400, { code: 21211, message: `The 'To' number ${to} is not valid.`, status: 400 });
      return true;
    case "wrong_account":
      answer(response, 401, { code: 20003, message: "Authenticate", status: 401 });
      return true;
    case "redirect":
      answer(response, 307, {}, { location: "http://127.0.0.1:1/" });
      return true;
    case "portal_page":
      response.writeHead(200, { "content-type": "text/html" }).end("<p>Welcome to the hotel's network.</p>");
      return true;
    case "lie_200":
      answer(response, 200, { sid: "SM1", status: "queued" });
      return true;
    case "lie_empty":
      response.writeHead(201).end();
      return true;
    case "lie_failed":
      answer(response, 201, { sid: "SM1", to, status: "failed" });
      return true;
    case "endless_answer":
      response.writeHead(201, { "content-type": "application/json" });
      response.write(`{"sid":"SM1","padding":"${"x".repeat(200_000)}`);
      return true;
    default:
      return false;
  }
}

function misanswer(
  fault: SmsFault,
  request: IncomingMessage,
  response: ServerResponse,
  { to, from, body }: TakenSms,
): void {
  switch (fault) {
    case "reset_after":
      request.socket.destroy();
      return;
    case "silence_after":
      return;
    case "half_answer_after":
      response.writeHead(201, { "content-length": "1000" });
      response.write('{"sid":', () => request.socket.destroy());
      return;
    case "lie_other_phone":
      return answer(response, 201, { sid: "SM1", to: "+15005550009", status: "queued" });
    default:
      return answer(response, 201, { sid: "SM1", to, from, body, status: "queued", error_code: null });
  }
}

function answer(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
