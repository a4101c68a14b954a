/** Something that keeps the bench from measuring. The message is one sentence for the person who ran it. */
export class BenchError extends Error {}
