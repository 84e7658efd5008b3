/** Which column of an acquirer's registry means what: by the words of its header, or as the connection's settings say. Pure. */

export const registryColumns = [
  "paymentId", "operationId", "rrn", "reference", "date", "time", "amount", "fee", "feeVat", "operation", "status", "currency", "payoutId", "payoutDate", "merchant", "inn", "card",
] as const;
export type RegistryColumn = (typeof registryColumns)[number];
export type ColumnMap = Partial<Record<RegistryColumn, number>>;
/** Setting `registryColumns` of a connection: our name → header text of the bank. */
export type ColumnNames = Partial<Record<RegistryColumn, string>>;

export const columnLabels: Record<RegistryColumn, string> = {
  paymentId: "ID платежа", operationId: "ID операции", rrn: "RRN", reference: "Номер заказа", date: "Дата", time: "Время", amount: "Сумма", fee: "Комиссия", feeVat: "НДС с комиссии",
  operation: "Тип операции", status: "Состояние", currency: "Валюта", payoutId: "Номер выплаты", payoutDate: "Дата выплаты", merchant: "Терминал", inn: "ИНН", card: "Карта",
};

/** Headers as banks write them, plain (see `plainHeader`). The first column that fits wins; earlier words win over later ones. */
const words: Record<RegistryColumn, readonly string[]> = {
  paymentId: ["id платежа", "идентификатор платежа", "номер платежа", "платеж", "id транзакции", "номер транзакции", "payment id", "paymentid", "transaction id", "transactionid", "id заказа в банке", "mdorder", "order id банка"],
  operationId: ["id операции", "номер операции", "идентификатор операции", "id возврата", "номер возврата", "operation id", "operationid", "refund id", "refundid", "id спора", "номер спора", "dispute id"],
  rrn: ["rrn", "ррн", "ссылка rrn", "номер ссылки rrn", "retrieval reference number"],
  reference: ["номер заказа", "заказ", "id заказа", "order number", "ordernumber", "orderid", "order id", "номер заказа магазина", "reference", "merchant order id"],
  date: ["дата операции", "дата платежа", "дата и время операции", "дата время операции", "дата транзакции", "дата и время", "дата оплаты", "дата", "operation date", "payment date", "transaction date", "created at", "date"],
  time: ["время операции", "время", "время платежа", "time"],
  amount: ["сумма операции", "сумма платежа", "сумма транзакции", "сумма оплаты", "сумма", "сумма руб", "сумма операции руб", "amount", "gross", "gross amount", "transaction amount"],
  fee: ["комиссия", "сумма комиссии", "комиссия банка", "комиссия без ндс", "комиссия руб", "fee", "fee amount", "commission"],
  feeVat: ["ндс с комиссии", "ндс комиссии", "ндс", "сумма ндс", "fee vat", "vat"],
  operation: ["тип операции", "вид операции", "тип", "операция", "тип транзакции", "operation type", "operation", "transaction type", "type"],
  status: ["статус", "состояние", "статус операции", "результат", "status"],
  currency: ["валюта", "код валюты", "валюта операции", "currency"],
  payoutId: ["номер выплаты", "id выплаты", "номер реестра", "id реестра", "номер реестра выплат", "номер возмещения", "payout id", "payoutid", "settlement id", "batch id", "registry id"],
  payoutDate: ["дата выплаты", "дата реестра", "дата возмещения", "дата перечисления", "дата зачисления", "payout date", "settlement date"],
  merchant: ["терминал", "номер терминала", "id терминала", "мерчант", "номер мерчанта", "id мерчанта", "terminal", "terminal id", "tid", "merchant", "merchant id", "mid"],
  inn: ["инн", "инн продавца", "инн организации", "inn"],
  card: ["карта", "номер карты", "маска карты", "маскированный номер карты", "card", "card number", "pan", "masked pan"],
};

/** Lower case, `ё` as `е`, signs and doubled spaces gone: «Сумма, руб.» → "сумма руб". */
export const plainHeader = (text: string): string =>
  text.toLowerCase().replace(/ё/g, "е").replace(/[^a-zа-я0-9]+/gu, " ").trim();

/** The columns of a header row; null when the row is not a header of a registry. */
export function findColumns(cells: readonly string[], named: ColumnNames = {}): ColumnMap | null {
  const headers = cells.map(plainHeader);
  const map: ColumnMap = {};
  const taken = new Set<number>();
  const take = (column: RegistryColumn, at: number) => {
    if (at < 0 || taken.has(at) || map[column] !== undefined) return;
    map[column] = at;
    taken.add(at);
  };
  for (const column of registryColumns) if (named[column]) take(column, headers.indexOf(plainHeader(named[column])));
  for (const column of registryColumns) for (const word of words[column]) if (!named[column]) take(column, headers.findIndex((header, at) => header === word && !taken.has(at)));
  return missingColumns(map).length <= 2 && Object.keys(map).length >= 2 ? map : null;
}

/** What a registry cannot do without; as words for people. */
export function missingColumns(map: ColumnMap): string[] {
  const missing = (["date", "amount"] as const).filter((column) => map[column] === undefined).map((column) => columnLabels[column]);
  const names = map.paymentId ?? map.operationId ?? map.rrn ?? map.reference;
  return names === undefined ? [...missing, `${columnLabels.paymentId} (или ${columnLabels.rrn}, ${columnLabels.reference})`] : missing;
}
