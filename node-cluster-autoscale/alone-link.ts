import type { WorkerLink } from "./worker-link.ts";

/** The link of a process that is in no cluster: it does nothing, so that the same file runs alone. */
export class AloneLink implements WorkerLink {
  readonly id = 0;

  observe(): void {}
  ready(): void {}
  collect(): void {}
  onLead(): void {}
  onDrain(): void {}
  onRetire(): void {}
  onMessage(): void {}
  send(): void {}
  onTrouble(): void {}

  fail(message: string): void {
    process.stderr.write(`${message}\n`);
    process.exit(1);
  }
}
