import type { Metadata } from "next";
import Link from "next/link";
import { Empty, Panel } from "@/components/admin/page-parts.tsx";
import { buttonClass } from "@/components/ui/button.tsx";

export const metadata: Metadata = { title: "Не нашлось" };

export default function StaffNotFound() {
  return (
    <Panel>
      <h1 className="sr-only">Не нашлось</h1>
      <Empty
        title="Такой страницы нет"
        action={
          <Link href="/admin/orders" className={buttonClass()}>
            К заказам
          </Link>
        }
      >
        Проверьте адрес. Если это заказ другого магазина, у вас может не быть к нему доступа.
      </Empty>
    </Panel>
  );
}
