/** Goods, people and companies of the demo chain. All are fictional; INN are of the 9900… range with right check digits. */

export type DemoItem = { sku: string; name: string; priceKopecks: number; vat: 22 | 10 | 0; service?: true };

export const goods: readonly DemoItem[] = [
  { sku: "ЧЗ-12", name: "Чайник заварочный «Ладога», 1,2 л", priceKopecks: 499_000, vat: 22 },
  { sku: "ФВ-02", name: "Фильтр для воды, комплект", priceKopecks: 350_280, vat: 22 },
  { sku: "СК-24", name: "Сковорода чугунная, 24 см", priceKopecks: 289_000, vat: 22 },
  { sku: "НК-05", name: "Набор кухонных ножей, 5 шт.", priceKopecks: 645_000, vat: 22 },
  { sku: "КР-01", name: "Книга «Северная кухня»", priceKopecks: 64_550, vat: 10 },
  { sku: "ДП-03", name: "Детский стульчик «Выборг»", priceKopecks: 879_000, vat: 10 },
  { sku: "МК-08", name: "Мука пшеничная, 10 кг", priceKopecks: 61_200, vat: 10 },
  { sku: "СТ-16", name: "Сервиз чайный «Нева», 16 предметов", priceKopecks: 1_249_900, vat: 22 },
  { sku: "ПЛ-02", name: "Плед шерстяной, 140 × 200 см", priceKopecks: 389_000, vat: 22 },
  { sku: "ЛН-07", name: "Лампа настольная «Фонтанка»", priceKopecks: 419_990, vat: 22 },
  { sku: "ПС-04", name: "Полотенца льняные, 4 шт.", priceKopecks: 176_000, vat: 22 },
  { sku: "ТР-11", name: "Термос дорожный, 1,1 л", priceKopecks: 231_500, vat: 22 },
];
export const delivery: DemoItem = { sku: "ДОСТ", name: "Доставка курьером", priceKopecks: 35_000, vat: 22, service: true };

/** УСН, without VAT. */
export const workshopGoods: readonly DemoItem[] = [
  { sku: "РК-01", name: "Разделочная доска из дуба", priceKopecks: 320_000, vat: 0 },
  { sku: "ЛЖ-06", name: "Ложки деревянные, 6 шт.", priceKopecks: 148_000, vat: 0 },
];

export const people: readonly string[] = [
  "Иванова Мария Петровна", "Смирнов Алексей Олегович", "Кузнецов Пётр Ильич", "Попова Елена Сергеевна", "Васильев Денис Андреевич", "Фёдорова Ольга Николаевна",
  "Морозов Кирилл Дмитриевич", "Волкова Анна Юрьевна", "Алексеев Роман Викторович", "Лебедева Татьяна Игоревна", "Семёнов Артём Павлович", "Егорова Нина Васильевна",
];

export type DemoCompany = { guid: string; name: string; official: string; inn: string; kpp: string | null; deferralDays: number | null };

export const companies: readonly DemoCompany[] = [
  { guid: "5a1f0c62-0000-4000-8000-000000000001", name: "Вектор ООО", official: "ООО «Вектор»", inn: "9900000024", kpp: "990101001", deferralDays: 30 },
  { guid: "5a1f0c62-0000-4000-8000-000000000002", name: "Северный Мастер ООО", official: "ООО «Северный Мастер»", inn: "9900000031", kpp: "990101001", deferralDays: 14 },
  { guid: "5a1f0c62-0000-4000-8000-000000000003", name: "Кафе «Причал» ООО", official: "ООО «Причал»", inn: "9900000049", kpp: "990101001", deferralDays: null },
];
