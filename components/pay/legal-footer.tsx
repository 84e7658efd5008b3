import { formatPhone, NBSP } from "@/lib/kit/format.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";

/** Who sells, how to reach them, and what pressing the button agrees to. */
export function LegalFooter({ seller, withConsent, withPhone = true }: { seller: PayPageRow["seller"]; withConsent: boolean; /** False where the panel names it already. */ withPhone?: boolean }) {
  const link = "text-primary underline underline-offset-2";
  return (
    <footer className="mt-6 flex flex-col gap-1 text-caption text-muted-foreground">
      {withConsent && seller.offerUrl ? (
        <p>
          Нажимая кнопку, вы соглашаетесь с{" "}
          <a className={link} href={seller.offerUrl} target="_blank" rel="noreferrer">
            офертой
          </a>
          {seller.privacyUrl ? (
            <>
              {" "}и{" "}
              <a className={link} href={seller.privacyUrl} target="_blank" rel="noreferrer">
                политикой обработки данных
              </a>
            </>
          ) : null}
          . Данные карты вводятся на странице банка.
        </p>
      ) : null}
      <p>
        {seller.legalName}, ИНН{NBSP}{seller.inn}
        {seller.ogrn ? `, ${seller.ogrn.length === 15 ? "ОГРНИП" : "ОГРН"}${NBSP}${seller.ogrn}` : ""}
        {withPhone ? (
          <>
            {" · "}
            <a className={`${link} whitespace-nowrap`} href={`tel:${seller.phone}`}>
              {formatPhone(seller.phone)}
            </a>
          </>
        ) : null}
      </p>
    </footer>
  );
}
