import { Check, Circle } from "lucide-react";
import type { SetUp } from "@/lib/reports/set-up.ts";
import { Panel } from "./page-parts.tsx";

const steps: { key: keyof SetUp; title: string; how: string }[] = [
  { key: "hasOnec", title: "Подключите базу 1С", how: "Интегратор заводит логин и пароль обмена в настройках." },
  { key: "onecCame", title: "Дождитесь первого обмена", how: "В 1С включите стандартный обмен с сайтом и нажмите «Выполнить обмен»." },
  { key: "hasAcquirer", title: "Подключите приём оплаты", how: "Логин, пароль и секретное слово из кабинета банка." },
  { key: "hasRegister", title: "Подключите облачную кассу", how: "ИНН, группа касс, сертификат и ключ подписи." },
  { key: "hasMail", title: "Подключите почту", how: "Письма со ссылкой на оплату и чеком уходят с вашего адреса." },
  { key: "hasMoney", title: "Проведите тестовый платёж", how: "Откройте ссылку любого заказа и оплатите его картой или через СБП." },
];

/** The first run: what is set up, and what comes next (A1). */
export function SetUpList({ setUp }: { setUp: SetUp }) {
  return (
    <Panel title="Осталось настроить">
      <ol className="p-4 pt-3 sm:p-5 sm:pt-3">
        {steps.map(({ key, title, how }) => (
          <li key={key} className="flex gap-3 py-2">
            <span className={`mt-0.5 ${setUp[key] ? "text-success" : "text-muted-foreground"}`}>
              {setUp[key] ? <Check size={16} strokeWidth={2.25} aria-hidden /> : <Circle size={16} strokeWidth={1.5} aria-hidden />}
            </span>
            <span>
              <span className="font-medium">{title}</span>
              <span className="sr-only">{setUp[key] ? ": готово" : ": не готово"}</span>
              {setUp[key] ? null : <span className="block text-dense text-muted-foreground">{how}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
