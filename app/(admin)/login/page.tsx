import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { currentStaff } from "../session/current-staff.ts";
import { Brand } from "@/components/admin/brand.tsx";
import type { PageWithSearch } from "../session/search-params.ts";
import { SignInForm } from "./sign-in-form.tsx";

export const metadata: Metadata = { title: "Вход" };

/** Only our own staff pages are a way back: anything else in the address is somebody's trap. */
const safeBack = (back: unknown): string => (typeof back === "string" && /^\/admin(?:[/?]|$)/.test(back) && back.length < 2_000 ? back : "/admin");

export default async function LoginPage({ searchParams }: PageWithSearch) {
  const { back } = await searchParams;
  if (await currentStaff()) redirect(safeBack(back));
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-[400px] flex-col justify-center gap-6 px-4 py-10">
      <Brand />
      <div className="rounded-card border bg-card p-5 shadow-card sm:p-6">
        <h1 className="mb-5 text-h2">Вход для сотрудников</h1>
        <SignInForm back={safeBack(back)} />
      </div>
      <p className="text-dense text-muted-foreground">Нет доступа или забыли пароль? Обратитесь к директору: он заводит сотрудников.</p>
    </main>
  );
}
