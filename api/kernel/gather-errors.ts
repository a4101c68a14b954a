import { reportedErrorsMax, type ReportedError } from "./worker-report.ts";

/** Keeps the errors of a process until somebody takes them. A storm of them is cut short and counted. */
export class ErrorGatherer {
  #errors: ReportedError[] = [];
  #dropped = 0;
  #receive: ((error: ReportedError) => void) | null = null;

  add(error: ReportedError): void {
    if (this.#receive !== null) this.#receive(error);
    else if (this.#errors.length < reportedErrorsMax) this.#errors.push(error);
    else this.#dropped += 1;
  }

  /** What has gathered since the last call. */
  take(): { readonly errors: ReportedError[]; readonly dropped: number } {
    const taken = { errors: this.#errors, dropped: this.#dropped };
    this.#errors = [];
    this.#dropped = 0;
    return taken;
  }

  /** Hands over what has gathered, and from then on each error at once. */
  forwardTo(receive: (error: ReportedError) => void): void {
    this.take().errors.forEach(receive);
    this.#receive = receive;
  }
}
