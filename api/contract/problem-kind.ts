/** What a client is told when something is refused or fails. `help` is the text behind the problem's URL. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly help: string;
}
