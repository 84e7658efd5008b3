import type { Vat } from "./state.ts";

export type Good = {
  id: string;
  article: string;
  name: string;
  kind: "Товар" | "Услуга";
  unitCode: string;
  unitName: string;
  unitShort: string;
  price: bigint;
  vat: Vat;
};

const PIECE = { unitCode: "796", unitName: "Штука", unitShort: "PCE" };
const PACK = { unitCode: "778", unitName: "Упаковка", unitShort: "NMP" };
const guid = (n: string) => `200000${n}-bbbb-11ef-8f10-0050568b1a01`;

/** Goods of the pretended 1C base: 22 %, 10 % and services. */
export const GOODS: readonly Good[] = [
  { id: `${guid("01")}#300000${"01"}-bbbb-11ef-8f10-0050568b1a01`, article: "КР-25", name: "Краска акриловая 2,5 л, белая", kind: "Товар", ...PIECE, price: 1_890_00n, vat: "22" },
  { id: guid("02"), article: "ВЛ-250", name: "Валик малярный 250 мм «Мастер»", kind: "Товар", ...PIECE, price: 412_50n, vat: "22" },
  { id: guid("03"), article: "СМ-4276", name: "Саморез 4,2×76 (упаковка 200 шт)", kind: "Товар", ...PACK, price: 610_00n, vat: "22" },
  { id: guid("04"), article: "ДА-18", name: "Дрель аккумуляторная ДА-18", kind: "Товар", ...PIECE, price: 7_499_00n, vat: "22" },
  { id: guid("05"), article: "ДТ-7", name: "Набор для детского творчества", kind: "Товар", ...PIECE, price: 550_00n, vat: "10" },
  { id: guid("06"), article: "КД-3", name: "Книга детская «Строим дом»", kind: "Товар", ...PIECE, price: 389_90n, vat: "10" },
];

export const TIMBER: Good = { id: guid("07"), article: "ДО-50150", name: "Доска обрезная 50×150×6000, сорт 1", kind: "Товар", unitCode: "113", unitName: "Кубический метр", unitShort: "MTQ", price: 21_350_00n, vat: "22" };

export const DELIVERY: Good = { id: guid("08"), article: "", name: "Доставка", kind: "Услуга", ...PIECE, price: 490_00n, vat: "22" };

export const PEOPLE = ["Иванова Мария Петровна", "Петров Пётр Сергеевич", "Смирнова Анна Юрьевна", "Кузнецов Артём Олегович", "Соболева Елена Викторовна"];

/** Fictional companies: INN of the 9900… range with valid check digits. */
export const COMPANIES = [
  { name: "Северный Мастер ООО", fullName: 'ООО "Северный Мастер"', inn: "9900000024", kpp: "990101001" },
  { name: "Балтстрой ООО", fullName: 'ООО "Балтстрой"', inn: innOf("990000101"), kpp: "990101001" },
  { name: "Уютный дом АО", fullName: 'АО "Уютный дом"', inn: innOf("990000202"), kpp: "990201001" },
];

/** Appends the check digit to nine digits of a legal entity's INN. */
export function innOf(nine: string): string {
  const weights = [2, 4, 10, 3, 5, 9, 4, 6, 8];
  const sum = weights.reduce((all, w, i) => all + w * Number(nine[i]), 0);
  return nine + String((sum % 11) % 10);
}
