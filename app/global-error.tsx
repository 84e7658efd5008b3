"use client";
import "./globals.css";
import ErrorPage from "./error.tsx";

/** When the layout itself failed: brings its own document. */
export default function GlobalErrorPage(props: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="ru">
      <body className="font-sans text-body">
        <title>Страница не открылась</title>
        <ErrorPage {...props} />
      </body>
    </html>
  );
}
