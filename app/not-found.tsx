import type { Metadata } from "next";
import { MessagePage } from "@/components/ui/message-page.tsx";

export const metadata: Metadata = { title: { absolute: "Страница не найдена" } };

export default function NotFoundPage() {
  return (
    <MessagePage title="Страница не найдена">
      <p>Проверьте адрес: возможно, ссылка скопирована не целиком.</p>
      <p>Если вы оплачивали заказ, откройте ссылку из письма или сообщения магазина ещё раз.</p>
    </MessagePage>
  );
}
