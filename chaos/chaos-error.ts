/** What keeps a run from taking place, in one sentence for the operator. */
export class ChaosError extends Error {}
