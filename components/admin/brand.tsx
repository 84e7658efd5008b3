/** Name and mark of the program. */
export function Brand() {
  return (
    <span className="flex items-center gap-2 font-semibold">
      <span aria-hidden="true" className="grid size-[22px] place-items-center rounded-full bg-primary text-caption font-semibold text-primary-foreground">
        К
      </span>
      Копейка
    </span>
  );
}
