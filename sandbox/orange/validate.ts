import { kopecks, lineSum } from "../core/money.ts";

type Obj = Record<string, unknown>;

export type Checked = { errors: string[]; total: bigint; change: bigint };

const MAX_POSITIONS = 250;
const PAYMENT_TYPES = [1, 2, 14, 15, 16];
const MAX_AMOUNT = 9_999_999_999n;

/** A number outside the grammar of section 9.5 (exponent) anywhere in the body. */
export function hasExponent(json: string): boolean {
  return /\d[eE][+-]?\d/.test(json.replace(/"(?:[^"\\]|\\.)*"/g, '""'));
}

export function isObject(value: unknown): value is Obj {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Limits of 5.1. */
export function checkEnvelope(body: Obj, groups: readonly string[]): string[] {
  const errors: string[] = [];
  const text = (name: string, value: unknown, max: number) => {
    if (value !== undefined && value !== null && (typeof value !== "string" || value.length < 1 || value.length > max)) {
      errors.push(`Длина поля '${name}' должна быть от 1 до ${max} символов`);
    }
  };
  if (body.id === undefined || body.id === null || body.id === "") errors.push("Не указан идентификатор документа 'Id'");
  if (body.inn === undefined || body.inn === null || body.inn === "") errors.push("Не указан ИНН организации 'INN'");
  else if (typeof body.inn !== "string" || !/^(\d{10}|\d{12})$/.test(body.inn)) errors.push("Некорректный ИНН организации 'INN'");
  if (!isObject(body.content)) errors.push("Отсутствует содержимое документа 'Content'");
  text("Id", body.id, 64);
  text("Group", body.group, 32);
  text("Key", body.key, 32);
  text("CallbackUrl", body.callbackUrl, 1024);
  text("CallbackApiKey", body.callbackApiKey, 3072);
  text("Meta", body.meta, 128);
  if (typeof body.group === "string" && !groups.includes(body.group) && !/^[A-Za-z]+(_2)?$/.test(body.group)) errors.push("Некорректная группа устройств 'Group'");
  return errors;
}

/** Limits of 5.2–5.4 and the sum rule. `group` decides the FFD version. */
export function checkReceipt(content: Obj, group: string): Checked {
  const errors: string[] = [];
  const ffd = content.ffdVersion ?? 2;
  const modern = group.endsWith("_2");
  if (ffd !== 2 && ffd !== 4) errors.push("Недопустимая версия ФФД 'FfdVersion'");
  else if ((ffd === 4) !== modern) errors.push("Версия ФФД 'FfdVersion' не соответствует группе устройств");
  if (!isCode(content.type, 1, 4)) errors.push("Недопустимый признак расчета 'Type'");
  if (typeof content.customerContact !== "string" || !/^(none|\+\d{5,19}|[^\s@]+@[^\s@]+)$/.test(content.customerContact) || content.customerContact.length > 64) {
    errors.push("Некорректный телефон или электронный адрес покупателя 'CustomerContact'");
  }
  for (const name of ["automatNumber", "settlementAddress", "settlementPlace"]) {
    if (content[name] !== undefined && !/^(Vend|Transp|Courier)/.test(group)) errors.push(`Поле '${name}' недопустимо для группы устройств`);
  }
  if (content.cashier !== undefined && !group.startsWith("Courier")) errors.push("Поле 'cashier' недопустимо для группы устройств");
  if (modern && (content.customer !== undefined || content.customerINN !== undefined)) errors.push("Поля 'customer', 'customerINN' недопустимы для ФФД 1.2");
  if (!modern && content.customerInfo !== undefined) errors.push("Поле 'customerInfo' недопустимо для ФФД 1.05");
  if (content.useTax20 !== undefined && typeof content.useTax20 !== "boolean") errors.push("Некорректное поле 'UseTax20'");

  let total = 0n;
  const positions = content.positions;
  if (!Array.isArray(positions) || positions.length === 0) errors.push("Отсутствуют позиции чека 'Positions'");
  else if (positions.length > MAX_POSITIONS) errors.push(`Количество позиций чека больше ${MAX_POSITIONS}`);
  else positions.forEach((p: unknown, i) => (total += checkPosition(p, i, modern, errors)));
  const change = checkClose(content.checkClose, total, errors);
  const given = content.totalSum === undefined ? null : money(content.totalSum);
  if (content.totalSum !== undefined && (given === null || (given !== total && given !== (total / 100n) * 100n))) errors.push("Некорректная сумма чека 'TotalSum'");
  return { errors, total, change };
}

function checkPosition(raw: unknown, index: number, modern: boolean, errors: string[]): bigint {
  const at = `Позиция ${index + 1}: `;
  if (!isObject(raw)) {
    errors.push(`${at}некорректная позиция`);
    return 0n;
  }
  const p = raw;
  const price = money(p.price);
  if (price === null || price > MAX_AMOUNT) errors.push(`${at}некорректная цена 'Price'`);
  const quantity = typeof p.quantity === "number" && p.quantity > 0 && p.quantity <= 281_474_976.710655 ? String(p.quantity) : "";
  const sum = lineSum(price ?? 0n, quantity);
  if (sum === null) errors.push(`${at}некорректное количество 'Quantity'`);
  if (!isCode(p.tax, 1, 10)) errors.push(`${at}недопустимая ставка НДС 'Tax'`);
  if (typeof p.text !== "string" || p.text.length < 1 || p.text.length > 128) errors.push(`${at}длина наименования 'Text' должна быть от 1 до 128 символов`);
  if (p.paymentMethodType !== undefined && p.paymentMethodType !== null && !isCode(p.paymentMethodType, 1, 7)) errors.push(`${at}недопустимый признак способа расчета 'PaymentMethodType'`);
  const subject = p.paymentSubjectType;
  if (subject !== undefined && subject !== null && !isCode(subject, 1, 27) && !(modern && isCode(subject, 30, 33))) errors.push(`${at}недопустимый признак предмета расчета 'PaymentSubjectType'`);
  if (p.taxSum !== undefined && money(p.taxSum) === null) errors.push(`${at}некорректная сумма НДС 'TaxSum'`);
  const unit = p.quantityMeasurementUnit;
  if (unit !== undefined && (!modern || !isCode(unit, 0, 255))) errors.push(`${at}некорректная мера количества 'QuantityMeasurementUnit'`);
  if (p.unitOfMeasurement !== undefined && modern) errors.push(`${at}поле 'UnitOfMeasurement' недопустимо для ФФД 1.2`);
  if (p.itemCode !== undefined && (!modern || typeof p.itemCode !== "string" || p.itemCode.length < 1 || p.itemCode.length > 223)) errors.push(`${at}некорректный код товара 'ItemCode'`);
  return sum ?? 0n;
}

function checkClose(raw: unknown, total: bigint, errors: string[]): bigint {
  if (!isObject(raw)) {
    errors.push("Отсутствуют параметры закрытия чека 'CheckClose'");
    return 0n;
  }
  if (!isCode(raw.taxationSystem, 0, 5)) errors.push("Недопустимая система налогообложения 'TaxationSystem'");
  if (!Array.isArray(raw.payments) || raw.payments.length === 0) {
    errors.push("Отсутствуют оплаты чека 'Payments'");
    return 0n;
  }
  let all = 0n;
  let cashless = 0n;
  for (const one of raw.payments as unknown[]) {
    const amount = isObject(one) ? money(one.amount) : null;
    if (!isObject(one) || !PAYMENT_TYPES.includes(one.type as number)) errors.push("Недопустимый тип оплаты 'Type'");
    if (amount === null || amount > MAX_AMOUNT) errors.push("Некорректная сумма оплаты 'Amount'");
    all += amount ?? 0n;
    if (isObject(one) && one.type !== 1) cashless += amount ?? 0n;
  }
  if (all < total) errors.push("Сумма оплат меньше суммы позиций чека");
  if (cashless > total) errors.push("Сумма безналичных оплат больше суммы позиций чека");
  return all > total ? all - total : 0n;
}

/** Correction of FFD 1.05 (5.7). */
export function checkCorrection(content: Obj): Checked {
  const errors: string[] = [];
  if (content.correctionType !== 0 && content.correctionType !== 1) errors.push("Недопустимый тип коррекции 'CorrectionType'");
  if (content.type !== 1 && content.type !== 3) errors.push("Недопустимый признак расчета 'Type'");
  checkCause(content, errors);
  if (!isCode(content.taxationSystem, 0, 5)) errors.push("Недопустимая система налогообложения 'TaxationSystem'");
  const total = money(content.totalSum);
  if (total === null) errors.push("Некорректная сумма коррекции 'TotalSum'");
  let parts = 0n;
  for (const name of ["cashSum", "eCashSum", "prepaymentSum", "postpaymentSum", "otherPaymentTypeSum"]) parts += money(content[name] ?? 0) ?? 0n;
  if (total !== null && parts !== total) errors.push("Сумма оплат не равна сумме коррекции");
  return { errors, total: total ?? 0n, change: 0n };
}

/** Correction of FFD 1.2: a whole receipt plus its cause. */
export function checkCorrection12(content: Obj, group: string): Checked {
  const checked = checkReceipt(content, group);
  if (content.ffdVersion !== 4) checked.errors.push("Коррекция требует ФФД 1.2");
  if (content.correctionType !== 0 && content.correctionType !== 1) checked.errors.push("Недопустимый тип коррекции 'CorrectionType'");
  checkCause(content, checked.errors);
  return checked;
}

function checkCause(content: Obj, errors: string[]): void {
  if (typeof content.causeDocumentDate !== "string" || !/^\d{4}-\d{2}-\d{2}T00:00:00/.test(content.causeDocumentDate)) errors.push("Некорректная дата основания коррекции 'CauseDocumentDate'");
  const number = content.causeDocumentNumber;
  if (number === undefined ? content.correctionType === 1 : typeof number !== "string" || number.length < 1 || number.length > 32) errors.push("Некорректный номер основания коррекции 'CauseDocumentNumber'");
}

/** A JSON number with at most two decimals, in kopecks. */
export function money(value: unknown): bigint | null {
  return typeof value === "number" && value >= 0 ? kopecks(String(value)) : null;
}

function isCode(value: unknown, from: number, to: number): boolean {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
}
