/** @type {import("next").NextConfig} */
export default {
  reactStrictMode: true,
  poweredByHeader: false,
  // 1C must never be redirected (CML-2): `/bitrix/admin/1c_exchange.php/` answers as it is.
  skipTrailingSlashRedirect: true,
  // Left to Node: native parts, files read from disk, or modules that must be one copy.
  serverExternalPackages: ["postgres", "pg", "pg-boss", "pino", "pdfmake", "@node-rs/argon2", "undici", "nodemailer", "rate-limiter-flexible", "drizzle-orm"],
  // Proofs of disputes and reversals are files up to 5 MB (lib/evidence); everything larger is refused before it is read.
  experimental: { serverActions: { bodySizeLimit: "6mb" } },
  turbopack: { root: import.meta.dirname },
};
