import type { Expression, Method, Module, Statement } from "./syntax.ts";

/** Global functions of the platform that the kit calls. A name that is not here and not in the module is a slip of the pen. */
const PLATFORM_CALLS = new Set(
  ("Base64Значение Base64Строка XMLЗначение ВСтроку Дата ЗаписатьJSON ЗаписьЖурналаРегистрации ЗаполнитьЗначенияСвойств ЗафиксироватьТранзакцию ЗначениеЗаполнено ИнформацияОбОшибке КодироватьСтроку " +
    "КодСимвола КраткоеПредставлениеОшибки Лев Макс НРег НачалоДня НачатьТранзакцию Окр ОтменитьТранзакцию ПобитовоеИсключительноеИли ПодробноеПредставлениеОшибки ПоказатьВводСтроки ПоказатьПредупреждение " +
    "ПолучитьБуферДвоичныхДанныхИзДвоичныхДанных ПолучитьДвоичныеДанныеИзБуфераДвоичныхДанных ПолучитьДвоичныеДанныеИзСтроки ПолучитьСтрокуИзДвоичныхДанных ПоместитьВоВременноеХранилище ПрочитатьJSON " +
    "ПустаяСтрока СоединитьДвоичныеДанные СокрЛП Сред СтрДлина СтрЗаменить СтрНайти СтрНачинаетсяС СтрРазделить Строка ТекущаяДатаСеанса ТекущаяУниверсальнаяДатаВМиллисекундах Тип ТипЗнч " +
    "УстановитьПривилегированныйРежим Формат Число").toLowerCase().split(" "),
);
/** Global properties, system enumerations and modules of БСП (Библиотека стандартных подсистем) that the kit reads. */
const PLATFORM_NAMES = new Set(
  ("Константы Документы Справочники РегистрыСведений Перечисления ПланыВидовХарактеристик Символы КодировкаТекста ИспользованиеByteOrderMark ФорматДатыJSON ВариантЗаписиДатыJSON ПереносСтрокJSON УровеньЖурналаРегистрации " +
    "РежимБлокировкиДанных РежимЗаписиДокумента ХешФункция СпособКодированияСтроки ТипФайлаТабличногоДокумента ТипРисункаТабличногоДокумента РазмерКартинки ТипЛинииРисункаТабличногоДокумента " +
    "ОбщегоНазначения УправлениеКонтактнойИнформацией СтроковыеФункцииКлиентСервер ГенерацияШтрихкода " +
    "Объект ЭтотОбъект Модифицированность УникальныйИдентификатор КопейкаСсылка КопейкаQR").toLowerCase().split(" "),
);

/** Properties of the global context: a local name without «Перем» that is one of them is no variable, and cannot be written. */
const GLOBAL_PROPERTIES = new Set(
  ("БиблиотекаКартинок БиблиотекаСтилей БизнесПроцессы ВнешниеИсточникиДанных ВнешниеОбработки ВнешниеОтчеты Документы ЖурналыДокументов Задачи ИсторияДанных Константы КритерииОтбора Метаданные Обработки Отчеты " +
    "ПараметрыСеанса Перечисления ПланыВидовРасчета ПланыВидовХарактеристик ПланыОбмена ПланыСчетов ПользователиИнформационнойБазы Последовательности РабочаяДата РегистрыБухгалтерии РегистрыНакопления РегистрыРасчета " +
    "РегистрыСведений РегламентныеЗадания Символы Справочники ФабрикаXDTO ФоновыеЗадания ХранилищеОбщихНастроек").toLowerCase().split(" "),
);

/** Everything that a compiler of 1C and a careful reader would stumble over: unknown calls and names, wrong numbers of arguments, calls of what is not exported. */
export function inspectKit(modules: readonly Module[]): string[] {
  const exported = new Map(modules.flatMap((module) => module.methods.map((method) => [`${module.name}.${method.name}`.toLowerCase(), method] as const)));
  const names = new Set(modules.map((module) => module.name.toLowerCase()));
  return modules.flatMap((module) => module.methods.flatMap((method) => inspectMethod(module, method, names, exported)));
}

function inspectMethod(module: Module, method: Method, names: ReadonlySet<string>, exported: ReadonlyMap<string, Method>): string[] {
  const wrong: string[] = [];
  const local = new Map(module.methods.map((one) => [one.name.toLowerCase(), one]));
  const known = new Set(method.params.map((param) => param.name.toLowerCase()));
  const say = (line: number, why: string) => void wrong.push(`${module.name}.${method.name}, строка ${line}: ${why}`);
  const counted = (called: Method, given: number, line: number) => {
    const must = called.params.filter((param) => param.fallback === null).length;
    if (given < must || given > called.params.length) say(line, `у ${called.name} параметров ${called.params.length}, передано ${given}`);
  };

  const write = (name: string, line: number) => {
    const plain = name.toLowerCase();
    if (!known.has(plain) && GLOBAL_PROPERTIES.has(plain)) say(line, `имя ${name} занято платформой`);
    known.add(plain);
  };

  const read = (e: Expression | null): void => {
    if (!e) return;
    switch (e.kind) {
      case "name": {
        const name = e.name.toLowerCase();
        if (!known.has(name) && !PLATFORM_NAMES.has(name) && !names.has(name)) say(e.line, `неизвестное имя ${e.name}`);
        return;
      }
      case "member":
        return read(e.of);
      case "index":
        read(e.of);
        return read(e.at);
      case "call":
        e.args.forEach(read);
        return call(e);
      case "new":
        return e.args.forEach(read);
      case "unary":
        return read(e.of);
      case "binary":
        read(e.left);
        return read(e.right);
      case "choice":
        return [e.when, e.yes, e.otherwise].forEach(read);
    }
  };

  function call(e: Extract<Expression, { kind: "call" }>): void {
    if (e.of.kind === "name") {
      const name = e.of.name.toLowerCase();
      const own = local.get(name);
      if (known.has(name)) return say(e.line, `переменная ${e.of.name} закрывает функцию`);
      if (own) return counted(own, e.args.length, e.line);
      if (!PLATFORM_CALLS.has(name)) say(e.line, `неизвестная процедура ${e.of.name}`);
      return;
    }
    if (e.of.kind !== "member") return;
    if (e.of.of.kind === "name" && names.has(e.of.of.name.toLowerCase()) && !known.has(e.of.of.name.toLowerCase())) {
      const other = exported.get(`${e.of.of.name}.${e.of.name}`.toLowerCase());
      if (!other) return say(e.line, `в модуле ${e.of.of.name} нет метода ${e.of.name}`);
      if (!other.isExported) say(e.line, `метод ${e.of.of.name}.${e.of.name} без слова Экспорт`);
      return counted(other, e.args.length, e.line);
    }
    read(e.of.of);
  }

  const walk = (list: readonly Statement[]): void => list.forEach(step);
  function step(s: Statement): void {
    switch (s.kind) {
      case "expression":
        return read(s.of);
      case "assign":
        read(s.value);
        if (s.to.kind === "name") write(s.to.name, s.line);
        else read(s.to);
        return;
      case "if":
        for (const branch of s.branches) {
          read(branch.when);
          walk(branch.body);
        }
        return walk(s.otherwise);
      case "while":
        read(s.when);
        return walk(s.body);
      case "each":
      case "count":
        if (s.kind === "each") read(s.of);
        else [s.from, s.to].forEach(read);
        write(s.name, method.line);
        return walk(s.body);
      case "try":
        walk(s.body);
        return walk(s.caught);
      case "return":
        if (!method.isFunction && s.value) say(s.line, "процедура возвращает значение");
        if (method.isFunction && !s.value) say(s.line, "функция возвращает пустоту");
        return read(s.value);
      case "raise":
      case "execute":
        return read(s.value);
    }
  }

  walk(method.body);
  if (method.isFunction && !endsWell(method.body)) say(method.line, "функция может кончиться без Возврат");
  return wrong;
}

/** Whether every path through the statements ends in a return or an exception. */
function endsWell(body: readonly Statement[]): boolean {
  const last = body.at(-1);
  if (!last) return false;
  if (last.kind === "return" || last.kind === "raise") return true;
  if (last.kind === "if") return last.otherwise.length > 0 && [...last.branches.map((branch) => branch.body), last.otherwise].every(endsWell);
  return last.kind === "try" && endsWell(last.body) && endsWell(last.caught);
}
