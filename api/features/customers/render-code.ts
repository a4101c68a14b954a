const stepSeconds = 10;

/** The SMS that carries a code. @param remainingMs until the code's deadline */
export function renderCode(code: string, remainingMs: number): string {
  return `${code} is your verification code. It is valid for ${tellDuration(remainingMs)}.`;
}

/** In whole minutes where that is so, and never in odd seconds: nobody watches them. */
function tellDuration(ms: number): string {
  const seconds = Math.max(stepSeconds, Math.round(ms / 1000 / stepSeconds) * stepSeconds);
  if (seconds % 60 !== 0) return `${seconds} seconds`;
  const minutes = seconds / 60;
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
