import pkg from "../package.json" with { type: "json" };

/** The version that /api/health and logs name. */
export const appVersion: string = pkg.version;
