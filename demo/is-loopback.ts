/** Whether a URL can only lead to this machine. */
export function isLoopback(url: URL): boolean {
  const { hostname } = url;
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
