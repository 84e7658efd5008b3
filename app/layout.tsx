import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import "./globals.css";

export const metadata: Metadata = { title: { default: "Копейка", template: "%s — Копейка" }, robots: { index: false, follow: false } };

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fcfcfd" },
    { media: "(prefers-color-scheme: dark)", color: "#0d0e12" },
  ],
};

/** Cookie with the chosen theme, `light` or `dark`; anything else follows the system. Read here, so that nothing flashes. */
const THEME_COOKIE = "theme";

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = (await cookies()).get(THEME_COOKIE)?.value;
  return (
    <html lang="ru" className={theme === "dark" || theme === "light" ? theme : undefined}>
      <body className="font-sans text-body">{children}</body>
    </html>
  );
}
