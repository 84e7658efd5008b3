"use client";
import { Button } from "@/components/ui/button.tsx";
import { MessagePage } from "@/components/ui/message-page.tsx";

/** `digest` finds the failure in the log; the text itself never leaves the server. */
export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <MessagePage title="Страница не открылась" action={<Button onClick={reset}>Повторить</Button>}>
      <p>Это наша ошибка, деньги и данные заказа в порядке. Если вы уже оплатили, второй раз платить не нужно: мы проверим платёж.</p>
      {error.digest ? <p className="text-dense">Код для поддержки: {error.digest}</p> : null}
    </MessagePage>
  );
}
