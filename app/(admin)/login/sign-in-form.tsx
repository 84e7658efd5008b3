"use client";
import { signIn } from "next-auth/react";
import { useRef, useState } from "react";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import { formatCount } from "@/lib/kit/format.ts";

/** What next-auth hands on of our refusal (session/next-auth.ts). */
function messageOf(code: string): string {
  const wait = /^too_many\.(\d+)$/.exec(code)?.[1];
  if (wait) return `Слишком много попыток. Попробуйте через ${formatCount(Math.max(1, Math.ceil(Number(wait) / 60)), ["минуту", "минуты", "минут"])}`;
  if (code === "wrong") return "Почта или пароль не подошли. Проверьте раскладку и попробуйте ещё раз";
  if (code === "code_wrong") return "Код не подошёл. Каждый код действует один раз, дождитесь следующего";
  return "Не получилось связаться с сервером. Попробуйте ещё раз";
}

export function SignInForm({ back }: { back: string }) {
  const [needsCode, setNeedsCode] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const codeField = useRef<HTMLDivElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    const value = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setError(null);
    const answer = await signIn("credentials", { redirect: false, email: value("email"), password: value("password"), code: value("code") }).catch(() => null);
    if (answer?.ok) {
      // A whole new page: nothing of the signed-out one stays in memory.
      window.location.assign(back);
      return;
    }
    setBusy(false);
    if (answer?.error === "code_needed") {
      setNeedsCode(true);
      requestAnimationFrame(() => codeField.current?.querySelector("input")?.focus());
      return;
    }
    setError(messageOf(answer?.error ?? "unavailable"));
  }

  return (
    <form onSubmit={(event) => void submit(event)} method="post" className="flex flex-col gap-4">
      {error ? <Notice tone="danger" title={error} role="alert" /> : null}
      <Field id="email" name="email" type="email" label="Почта" autoComplete="username" inputMode="email" required autoFocus />
      <Field id="password" name="password" type="password" label="Пароль" autoComplete="current-password" required maxLength={512} />
      {needsCode ? (
        <div ref={codeField} role="status">
          <Field
            id="code"
            name="code"
            label="Код из приложения"
            hint="Шесть цифр из приложения для входа"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9 ]{6,8}"
            required
          />
        </div>
      ) : null}
      <Button type="submit" look="primary" aria-disabled={busy}>
        {busy ? "Входим…" : "Войти"}
      </Button>
    </form>
  );
}
