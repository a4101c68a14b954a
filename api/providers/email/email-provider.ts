export interface Email {
  /** Names this message wherever it turns up: sending it again uses the same. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Someone else's server that delivers mail. A message that is sent again carries the same id. */
export interface EmailProvider {
  /**
   * Resolves when the message was taken for delivery.
   *
   * @throws when it was not, or that is not known: a ProviderFailure with `never` when it was refused for good
   */
  send(email: Email, signal: AbortSignal): Promise<void>;
  /** Lets go of what it holds open. */
  close(): Promise<void>;
}
