import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { oneOf } from "../../../session/search-params.ts";
import type { PageWithSearch } from "../../../session/search-params.ts";
import { requireWorld } from "../../../session/world.ts";
import { FormSelect } from "@/components/admin/form-field.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { DeliveryResult } from "@/components/admin/reconciliation/delivery-result.tsx";
import { DeliveryRows } from "@/components/admin/reconciliation/delivery-rows.tsx";
import { refusedTexts } from "@/components/admin/reconciliation/refused-texts.ts";
import { UploadForm } from "@/components/admin/reconciliation/upload-form.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { listAcquirers } from "@/lib/connections/index.ts";
import { localDate } from "@/lib/kit/time.ts";
import { listDeliveries, readDelivery, registryLimits } from "@/lib/reconciliation/index.ts";
import type { DeliveryDetail } from "@/lib/reconciliation/index.ts";

export const metadata: Metadata = { title: "Реестры и выписки" };

const SHOWN_AT_ONCE = 10;
const pageOf = (text: string | null): number => (text && /^\d{1,4}$/.test(text) ? Number(text) : 0);

export default async function UploadsPage({ searchParams }: PageWithSearch) {
  const { ctx, staff, isTest } = await requireWorld();
  if (!can(staff.role, "registry.upload")) notFound();
  const query = await searchParams;
  const [page, historyPage] = [pageOf(oneOf(query["page"])), pageOf(oneOf(query["history"]))];
  const ids = [query["delivery"] ?? []].flat().slice(0, SHOWN_AT_ONCE);
  const [banks, history, ...found] = await Promise.all([listAcquirers(ctx, isTest), listDeliveries(ctx, { isTest, page: historyPage }), ...ids.map((deliveryId) => readDelivery(ctx, { deliveryId, isTest, page }))]);
  const shown = found.filter((each): each is DeliveryDetail => each !== null);
  const refused = oneOf(query["refused"]);
  const today = localDate(ctx.now(), ctx.zone);
  return (
    <>
      <LiveRefresh />
      <PageHead
        title="Реестры и выписки"
        aside={
          <Link href="/admin/reconciliation" prefetch={false} className={buttonClass("quiet")}>
            К сверке
          </Link>
        }
      />
      {refused ? <Notice tone="danger" role="alert" title="Файл не принят, ничего не сохранено"><p>{refusedTexts[refused] ?? refusedTexts["failed"]}</p></Notice> : null}
      {query["known"] ? <Notice tone="info" role="status" title="Этот файл уже загружен"><p>Ничего не изменилось: в нём нет ни одной новой операции.</p></Notice> : null}
      {shown.map((delivery) => (
        <DeliveryResult key={delivery.deliveryId} delivery={delivery} page={page} today={today} />
      ))}
      <div className="grid items-start gap-4 md:grid-cols-2">
        <Panel title="Реестр операций банка">
          <div className="p-4 sm:px-5">
            {banks.length === 0 ? (
              <p className="text-dense text-muted-foreground">Банк ещё не подключён: реестр не к чему отнести.</p>
            ) : (
              <UploadForm kind="registry" id="registry-file" accept=".csv,.txt,.xlsx" hint="CSV или XLSX из кабинета банка, до 50 МБ" label="Загрузить реестр" maxBytes={registryLimits.bytesMax}>
                <FormSelect id="registry-bank" name="connectionId" label="Банк" options={banks.map((bank) => ({ value: bank.connectionId, label: bank.name }))} />
              </UploadForm>
            )}
          </div>
        </Panel>
        <Panel title="Выписка расчётного счёта">
          <div className="p-4 sm:px-5">
            <UploadForm kind="statement" id="statement-file" accept=".txt" hint="Формат 1CClientBankExchange (kl_to_1c.txt), до 50 МБ" label="Загрузить выписку" maxBytes={registryLimits.bytesMax} />
          </div>
        </Panel>
      </div>
      <Panel title="История">
        {history.rows.length === 0 ? <Empty title={historyPage > 0 ? "Дальше пусто" : "Загрузок ещё нет"}>Здесь останется каждый файл и каждый прочитанный список: кто, когда и что в нём было нового.</Empty> : <div className="pt-3"><DeliveryRows rows={history.rows} /></div>}
        {historyPage > 0 || history.hasMore ? (
          <div className="flex justify-end gap-2 border-t px-4 py-3 sm:px-5">
            {historyPage > 0 ? (
              <Link href={`/admin/reconciliation/uploads?history=${historyPage - 1}`} prefetch={false} className={buttonClass()}>
                Назад
              </Link>
            ) : null}
            {history.hasMore ? (
              <Link href={`/admin/reconciliation/uploads?history=${historyPage + 1}`} prefetch={false} className={buttonClass()}>
                Дальше
              </Link>
            ) : null}
          </div>
        ) : null}
      </Panel>
    </>
  );
}
