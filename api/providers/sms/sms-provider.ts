export interface Sms {
  /** Names this message wherever it turns up: sending it again uses the same. */
  readonly id: string;
  /** In E.164. */
  readonly to: string;
  readonly text: string;
}

/** Someone else's server that delivers text messages. */
export interface SmsProvider {
  /**
   * Resolves when the message was taken for delivery.
   *
   * @throws ProviderFailure, which tells whether trying again can help; or whatever else went wrong, which can
   */
  send(sms: Sms, signal: AbortSignal): Promise<void>;
  /** Lets go of what it holds open. */
  close(): Promise<void>;
}
