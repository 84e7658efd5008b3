/** Headers of pages (SEC-11). Pure: the caller brings nonce and hosts. */

export type PolicyInput = {
  nonce: string;
  /** Origins that a form may end at besides ours: the acquirers' payment pages. */
  formOrigins: readonly string[];
  /** Development servers need `eval`, inline styles and a socket. */
  isDev: boolean;
  /** Staff pages position overlays with style attributes; pages with payment allow none. */
  allowStyleAttributes: boolean;
};

export function contentSecurityPolicy({ nonce, formOrigins, isDev, allowStyleAttributes }: PolicyInput): string {
  const style = isDev ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ""}`,
    `style-src ${style}`,
    allowStyleAttributes || isDev ? "style-src-attr 'unsafe-inline'" : "style-src-attr 'none'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${isDev ? " ws: wss:" : ""}`,
    "frame-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ["form-action 'self'", ...formOrigins].join(" "),
    "report-uri /api/csp-report",
  ].join("; ");
}

/** Headers of every page besides the policy. `isSecret`: the address itself is a key (pay link, invoice). */
export function pageHeaders(options: { isSecret: boolean; isHttps: boolean }): Record<string, string> {
  return {
    "x-content-type-options": "nosniff",
    "referrer-policy": options.isSecret ? "no-referrer" : "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    ...(options.isHttps && { "strict-transport-security": "max-age=31536000; includeSubDomains" }),
  };
}
