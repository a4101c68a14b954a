import type { PlainOperationName } from "../../api/contract/operations.ts";
import type { ReplyOf } from "./operation-types.ts";
import type { PostOptions, Request } from "./send-request.ts";

/** Does one call, and repeats it until its answer is final. */
export type Send = <Name extends PlainOperationName>(
  request: Request,
  call?: PostOptions,
) => Promise<ReplyOf<Name>>;
