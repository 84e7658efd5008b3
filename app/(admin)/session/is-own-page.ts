/** A form of ours sent it. Browsers tell by themselves; the session's cookie stays at home on foreign posts as well (SameSite). */
export function isOwnPage(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const [origin, host] = [request.headers.get("origin"), request.headers.get("x-forwarded-host") ?? request.headers.get("host")];
  return origin !== null && URL.canParse(origin) && new URL(origin).host === host;
}
